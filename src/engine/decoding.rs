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

/// Formats that spares are kept for. A set has two in practice (two codings, one canvas); a format
/// beyond these takes the place of the oldest.
const FORMATS_MAX: usize = 8;

enum Order<D> {
    Make(StreamFormat),
    Retire(D),
}

/// The running decoder, the spares, and the thread that makes and frees them.
pub(super) struct DecoderBay<M: DecoderMaker> {
    running: Option<(StreamFormat, M::Decoder)>,
    spares: Vec<Spare<M::Decoder>>,
    orders: Sender<Order<M::Decoder>>,
    ready: Receiver<(StreamFormat, Option<M::Decoder>)>,
}

/// The spare of one format.
struct Spare<D> {
    format: StreamFormat,
    decoder: Option<D>,
    /// One order at a time.
    is_ordered: bool,
}

impl<M: DecoderMaker> DecoderBay<M> {
    /// Makes one decoder for each of these formats now; others are made when they are first needed.
    ///
    /// # Errors
    /// A format that nothing decodes.
    pub fn new(
        maker: Arc<M>,
        formats: &[StreamFormat],
        notices: Notices,
    ) -> Result<Self, DecoderError> {
        let (orders, order_queue) = bounded::<Order<M::Decoder>>(WORKSHOP_QUEUE);
        let (ready_queue, ready) = bounded(WORKSHOP_QUEUE);
        let mut spares = Vec::with_capacity(FORMATS_MAX);
        for format in formats {
            let decoder = Some(maker.make(format)?);
            spares.push(Spare { format: format.clone(), decoder, is_ordered: false });
        }
        thread::Builder::new()
            .name("decoders".to_owned())
            .spawn(move || {
                for order in order_queue {
                    match order {
                        Order::Make(format) => {
                            let decoder = maker.make(&format);
                            if let Err(error) = &decoder {
                                notices.error(format!("no spare decoder: {error}"));
                                thread::sleep(RETRY_INTERVAL);
                            }
                            if ready_queue.send((format, decoder.ok())).is_err() {
                                return;
                            }
                        }
                        Order::Retire(decoder) => drop(decoder),
                    }
                }
            })
            .map_err(|error| DecoderError::Start(error.to_string()))?;
        Ok(Self { running: None, spares, orders, ready })
    }

    /// The running decoder.
    pub fn running(&mut self) -> Option<&mut M::Decoder> {
        self.running.as_mut().map(|(_, decoder)| decoder)
    }

    /// Puts a fresh decoder for this format in place of the running one. Returns whether there was
    /// one; if not, one is being made and the picture is held until it comes. `is_patient` (offline)
    /// waits for it.
    pub fn swap(&mut self, format: &StreamFormat, is_patient: bool) -> bool {
        self.collect();
        let place = self.place_of(format);
        if self.spares[place].decoder.is_none() {
            self.order(place);
            while is_patient
                && self.spares[place].decoder.is_none()
                && let Ok((made, decoder)) = self.ready.recv_timeout(PATIENCE)
            {
                let is_failed = decoder.is_none() && made == *format;
                self.keep(&made, decoder);
                if is_failed {
                    break;
                }
            }
        }
        let Some(decoder) = self.spares[place].decoder.take() else { return false };
        // The next spare first: a decoder that hangs may hang while it is freed, too.
        self.order(place);
        self.retire();
        self.running = Some((format.clone(), decoder));
        true
    }

    /// Where the spare of this format stands; a new format gets a place of its own.
    fn place_of(&mut self, format: &StreamFormat) -> usize {
        if let Some(place) = self.spares.iter().position(|spare| spare.format == *format) {
            return place;
        }
        // A set may begin with more.
        if self.spares.len() >= FORMATS_MAX {
            let Spare { decoder, .. } = self.spares.remove(0);
            let _ = decoder.map(|decoder| self.orders.try_send(Order::Retire(decoder)));
        }
        self.spares.push(Spare { format: format.clone(), decoder: None, is_ordered: false });
        self.spares.len() - 1
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
        self.running.as_ref().is_some_and(|(running, _)| running == format)
    }

    fn order(&mut self, place: usize) {
        let spare = &mut self.spares[place];
        if !spare.is_ordered {
            spare.is_ordered = self.orders.try_send(Order::Make(spare.format.clone())).is_ok();
        }
    }

    fn collect(&mut self) {
        while let Ok((format, decoder)) = self.ready.try_recv() {
            self.keep(&format, decoder);
        }
    }

    /// Takes a spare in; `None` means that it could not be made, and may be asked for again.
    fn keep(&mut self, format: &StreamFormat, decoder: Option<M::Decoder>) {
        let spare = self.spares.iter_mut().find(|spare| spare.format == *format);
        match (spare, decoder) {
            (Some(spare), decoder) => {
                spare.is_ordered = false;
                spare.decoder = decoder.or(spare.decoder.take());
            }
            // Its place was taken meanwhile.
            (None, Some(decoder)) => {
                let _ = self.orders.try_send(Order::Retire(decoder));
            }
            (None, None) => {}
        }
    }
}
