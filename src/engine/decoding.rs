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
use std::{sync::Arc, thread, time::Duration};

/// Requests that may wait for the thread: one spare and one retired decoder per format and swap;
/// a set has two formats at most in practice.
const WORKSHOP_QUEUE: usize = 16;

/// How long an offline run waits for a decoder.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long after a decoder could not be made the next attempt may come.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

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
    ready: Receiver<(usize, Option<M::Decoder>)>,
    /// One order per format at a time.
    is_ordered: Vec<bool>,
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
                        Order::Make(place) => {
                            let decoder = maker.make(&made[place]);
                            if let Err(error) = &decoder {
                                notices.error(format!("no spare decoder: {error}"));
                                thread::sleep(RETRY_INTERVAL);
                            }
                            if ready_queue.send((place, decoder.ok())).is_err() {
                                return;
                            }
                        }
                        Order::Retire(decoder) => drop(decoder),
                    }
                }
            })
            .map_err(|error| DecoderError::Start(error.to_string()))?;
        let is_ordered = vec![false; formats.len()];
        Ok(Self { formats, running: None, spares, orders, ready, is_ordered })
    }

    /// The running decoder.
    pub fn running(&mut self) -> Option<&mut M::Decoder> {
        self.running.as_mut().map(|(_, decoder)| decoder)
    }

    /// Puts a fresh decoder for this format in place of the running one. Returns whether there was
    /// one; if not, one is being made and the picture is held until it comes. `is_patient` (offline)
    /// waits for it.
    pub fn swap(&mut self, format: &StreamFormat, is_patient: bool) -> bool {
        let Some(place) = self.formats.iter().position(|known| known == format) else {
            return false;
        };
        self.collect();
        if self.spares[place].is_none() {
            self.order(place);
            if is_patient && let Ok((made, decoder)) = self.ready.recv_timeout(PATIENCE) {
                self.keep(made, decoder);
            }
        }
        let Some(decoder) = self.spares[place].take() else { return false };
        // The next spare first: a decoder that hangs may hang while it is freed, too.
        self.order(place);
        self.retire();
        self.running = Some((place, decoder));
        true
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

    fn order(&mut self, place: usize) {
        if !self.is_ordered[place] {
            self.is_ordered[place] = self.orders.try_send(Order::Make(place)).is_ok();
        }
    }

    fn collect(&mut self) {
        while let Ok((place, decoder)) = self.ready.try_recv() {
            self.keep(place, decoder);
        }
    }

    /// Takes a spare in; `None` means that it could not be made, and may be asked for again.
    fn keep(&mut self, place: usize, decoder: Option<M::Decoder>) {
        self.is_ordered[place] = false;
        if let Some(decoder) = decoder {
            self.spares[place] = Some(decoder);
        }
    }
}
