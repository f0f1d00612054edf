//! The running decoder and its spares.
//!
//! Decoders are made and freed on a thread of their own (`decoders`): building a pipeline takes
//! milliseconds that a tick does not have. One spare per stream format stands ready; when the
//! running decoder fails or falls silent the engine takes the spare and goes on in the same slot.

use crate::{
    ports::{DecoderError, DecoderMaker, Notices},
    units::StreamFormat,
};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::{sync::Arc, thread};

/// Requests that may wait for the thread: one spare and one retired decoder per format and swap;
/// a set has two formats at most in practice.
const WORKSHOP_QUEUE: usize = 16;

enum Order<D> {
    Make(usize),
    Retire(D),
}

/// The running decoder, the spares, and the thread that makes and frees them.
pub(super) struct DecoderBay<M: DecoderMaker> {
    formats: Vec<StreamFormat>,
    running: Option<(usize, M::Decoder)>,
    spares: Vec<Option<M::Decoder>>,
    orders: Sender<Order<M::Decoder>>,
    ready: Receiver<(usize, M::Decoder)>,
}

impl<M: DecoderMaker> DecoderBay<M> {
    /// Makes one decoder per format now, and orders the spares.
    ///
    /// # Errors
    /// A format that nothing decodes.
    pub fn new(
        maker: Arc<M>,
        formats: Vec<StreamFormat>,
        notices: Notices,
    ) -> Result<Self, DecoderError> {
        let (orders, order_queue) = bounded::<Order<M::Decoder>>(WORKSHOP_QUEUE);
        let (ready_queue, ready) = bounded(WORKSHOP_QUEUE);
        let mut spares = Vec::with_capacity(formats.len());
        for format in &formats {
            spares.push(Some(maker.make(format)?));
        }
        let made = formats.clone();
        thread::Builder::new()
            .name("decoders".to_owned())
            .spawn(move || {
                for order in order_queue {
                    match order {
                        Order::Make(place) => match maker.make(&made[place]) {
                            Ok(decoder) => {
                                if ready_queue.send((place, decoder)).is_err() {
                                    return;
                                }
                            }
                            Err(error) => notices.error(format!("no spare decoder: {error}")),
                        },
                        Order::Retire(decoder) => drop(decoder),
                    }
                }
            })
            .map_err(|error| DecoderError::Start(error.to_string()))?;
        Ok(Self { formats, running: None, spares, orders, ready })
    }

    /// The running decoder.
    pub fn running(&mut self) -> Option<&mut M::Decoder> {
        self.running.as_mut().map(|(_, decoder)| decoder)
    }

    /// Puts a fresh decoder for this format in place of the running one. Returns whether there was
    /// one; if not, one has been ordered and the picture is held until it comes.
    pub fn swap(&mut self, format: &StreamFormat) -> bool {
        self.retire();
        let Some(place) = self.formats.iter().position(|known| known == format) else {
            return false;
        };
        self.collect();
        match self.spares[place].take() {
            Some(decoder) => {
                self.running = Some((place, decoder));
                let _ = self.orders.try_send(Order::Make(place));
                true
            }
            None => {
                let _ = self.orders.try_send(Order::Make(place));
                false
            }
        }
    }

    /// Takes the running decoder out of service.
    pub fn retire(&mut self) {
        if let Some((_, old)) = self.running.take() {
            // A full queue means that retired decoders pile up: then this one is freed here and
            // now rather than grow without bound.
            let _ = self.orders.try_send(Order::Retire(old));
        }
    }

    /// Whether the running decoder was made for this format.
    pub fn fits(&self, format: &StreamFormat) -> bool {
        self.running.as_ref().is_some_and(|(place, _)| self.formats[*place] == *format)
    }

    fn collect(&mut self) {
        while let Ok((place, decoder)) = self.ready.try_recv() {
            self.spares[place] = Some(decoder);
        }
    }
}
