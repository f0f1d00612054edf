//! The running decoder and its spares.
//!
//! Decoders are made and freed on a thread of their own (`decoders`): building a pipeline takes
//! milliseconds that a tick does not have. One spare per stream format stands ready; when the
//! running decoder fails or falls silent the engine takes the spare and goes on in the same slot.

use crate::{
    ports::{DecoderError, DecoderMaker, Notices},
    units::StreamFormat,
};
use crossbeam::channel::{Receiver, Sender, bounded, never};
use std::{
    mem,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Requests that may wait for the thread: one spare and one retired decoder per format and swap;
/// a set has two formats at most in practice.
const WORKSHOP_QUEUE: usize = 16;

/// How long an offline run waits for a decoder.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long after a decoder could not be made the next attempt may come.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// How long the end of a run waits for the thread: longer than any decoder takes to be made or
/// freed, and one that hangs must not keep the program from ending.
const LEAVE_TIME: Duration = Duration::from_secs(2);

/// How often it is looked whether the thread has ended.
const LEAVE_POLL: Duration = Duration::from_millis(2);

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
    thread: Option<JoinHandle<()>>,
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
        let thread = thread::Builder::new()
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
        Ok(Self { running: None, spares, orders, ready, thread: Some(thread) })
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

impl<M: DecoderMaker> Drop for DecoderBay<M> {
    /// The thread frees what it has and ends; it is not left behind, but where a decoder hangs.
    fn drop(&mut self) {
        // Without anybody to order or to take it has no more to do.
        drop(mem::replace(&mut self.orders, bounded(0).0));
        drop(mem::replace(&mut self.ready, never()));
        let Some(thread) = self.thread.take() else { return };
        let until = Instant::now() + LEAVE_TIME;
        while !thread.is_finished() {
            if Instant::now() >= until {
                log::warn!("a decoder hangs while it is freed: its thread is left behind");
                return;
            }
            thread::sleep(LEAVE_POLL);
        }
        if thread.join().is_err() {
            log::error!("the thread that makes decoders has panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ports::Decoder,
        units::{Codec, Planes},
    };
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Decoders that are slow to be made and to be freed, and are counted.
    #[derive(Default)]
    struct Slow {
        alive: Arc<AtomicU32>,
        made: AtomicU32,
    }

    struct SlowDecoder(Arc<AtomicU32>);

    impl Decoder for SlowDecoder {
        fn push(&mut self, _: u64, _: &[u8]) -> Result<(), DecoderError> {
            Ok(())
        }

        fn pull(
            &mut self,
            _: u64,
            _: Duration,
            _: &mut dyn FnMut(&Planes<'_>),
        ) -> Result<bool, DecoderError> {
            Ok(false)
        }
    }

    impl Drop for SlowDecoder {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(100));
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl DecoderMaker for Slow {
        type Decoder = SlowDecoder;

        fn make(&self, _: &StreamFormat) -> Result<SlowDecoder, DecoderError> {
            thread::sleep(Duration::from_millis(100));
            self.made.fetch_add(1, Ordering::SeqCst);
            self.alive.fetch_add(1, Ordering::SeqCst);
            Ok(SlowDecoder(Arc::clone(&self.alive)))
        }
    }

    #[test]
    fn at_the_end_its_thread_has_ended_and_all_decoders_are_freed() {
        let format = StreamFormat {
            codec: Codec::Mpeg4,
            width: 16,
            height: 16,
            coded_width: 16,
            coded_height: 16,
            signature: [].into(),
        };
        let maker = Arc::new(Slow::default());
        let alive = Arc::clone(&maker.alive);
        let formats = std::slice::from_ref(&format);
        let mut bay = DecoderBay::new(Arc::clone(&maker), formats, Notices::default())
            .expect("decoders of the test");
        // The spare runs, another is ordered; then the running one is retired behind that order.
        assert!(bay.swap(&format, false));
        bay.retire();
        drop(bay);
        // Nobody but this test holds the maker: the thread, which had it, is gone.
        assert_eq!(Arc::strong_count(&maker), 1);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        assert_eq!(maker.made.load(Ordering::SeqCst), 2);
    }
}
