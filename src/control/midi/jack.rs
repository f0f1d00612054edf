//! MIDI in and out through JACK.
//!
//! Every MIDI source of the JACK graph is connected once, when it appears, each to an input port of
//! ours of its own, since a port does not tell who sent what: `midi_in`, `midi_in_2`, ... Devices
//! that have something to show get an output port each: `midi_out`, `midi_out_2`, ... What the
//! performer unplugs stays unplugged. A server is never started; when one comes it is joined, when
//! it goes it is left.
//!
//! libjack (jackd2 1.9.21) frees what its clients of one process share when one of them finds no
//! server, and crashes when another, whose server has gone, is closed after that. So no other part
//! of the program opens a JACK client while this one is at work.
//!
//! That is why sound comes in here, too: while somebody listens ([`Tap`]), through `audio_in`, which
//! is connected to the first two inputs of the hardware once.
//!
//! Lives on the thread `midi-ports`. The process callback runs on JACK's real-time thread: it takes
//! bytes and passes them on, and neither allocates nor locks.

use super::{
    LearnDesk, names,
    pulse::Pulse,
    wire::{BY_HAND, Board, Outlet, Piece, Wire},
};
use crate::ports::{LONGEST_SILENCE, Notices, Tap};
use crossbeam::queue::ArrayQueue;
use jack::{
    AsyncClient, AudioIn, AudioOut, Client, ClientOptions, ClientStatus, Control, LoggerType,
    MidiIn, MidiOut, NotificationHandler, Port, PortFlags, PortId, PortSpec, ProcessHandler,
    ProcessScope, RawMidi,
};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Our name in the JACK graph.
const CLIENT: &str = "residua";

/// The port that sound comes in by.
const AUDIO_IN: &str = "audio_in";

/// Input ports that we open at most; sources beyond share the last one. As many output ports.
const PORTS: usize = 16;

/// Messages that may wait for the next cycle: a whole panel of lamps.
const OUT_WAITING: usize = 256;

/// Everything that is plugged in.
#[derive(Default)]
pub(super) struct Ports {
    active: Option<Active>,
    /// Where sound goes, where anybody may want it.
    tap: Option<Arc<Tap>>,
}

struct Active {
    client: AsyncClient<Watcher, Callback>,
    life: Life,
    /// Ports on their way to the callback.
    new_ports: Arc<ArrayQueue<Port<MidiIn>>>,
    /// By input port: the device that is plugged in, [`BY_HAND`] where none is.
    devices: Arc<[AtomicU32; PORTS]>,
    slots: Vec<Slot>,
    /// Sources met so far that are still there.
    known: HashSet<String>,
    /// Output ports on their way to the callback.
    new_outs: Arc<ArrayQueue<OutPort>>,
    outs: Vec<OutSlot>,
    /// Where sound goes, until it has been listened to once.
    unheard: Option<Arc<Tap>>,
}

/// The real-time side's end of the way of sound.
struct Ear {
    port: Port<AudioIn>,
    tap: Arc<Tap>,
    rate_hz: u32,
}

impl Ear {
    fn new(client: &Client, tap: Arc<Tap>) -> Result<Self, String> {
        let port = client.register_port(AUDIO_IN, AudioIn::default());
        let port = port.map_err(|error| format!("JACK: {error}"))?;
        Ok(Self { port, tap, rate_hz: client.sample_rate() })
    }
}

/// One output port of ours, and what is plugged into it.
struct OutSlot {
    name: String,
    queue: Arc<ArrayQueue<Piece>>,
    target: Option<(String, u32)>,
}

/// An output port and what waits to be sent by it.
struct OutPort {
    port: Port<MidiOut>,
    queue: Arc<ArrayQueue<Piece>>,
}

/// The translating thread's end of an output port.
struct JackOutlet(Arc<ArrayQueue<Piece>>);

impl Outlet for JackOutlet {
    fn send(&mut self, message: &[u8]) {
        // The newest matters: lamps show what is.
        let _ = self.0.force_push(Piece::new(0, 0, message));
    }
}

/// One input port of ours.
struct Slot {
    name: String,
    source: Option<Source>,
}

struct Source {
    port: String,
    name: String,
    device: u32,
}

impl Ports {
    /// With a way for sound.
    pub(super) fn with_tap(tap: Option<Arc<Tap>>) -> Self {
        Self { tap, ..Self::default() }
    }

    /// Names of the devices plugged in.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let slots = self.active.iter().flat_map(|active| &active.slots);
        slots.filter_map(|slot| Some(slot.source.as_ref()?.name.as_str()))
    }

    /// Joins a server where there is one, plugs in what is new and lets go what has gone. Sources
    /// that only pass on what ALSA brings as well are left alone where `has_alsa`.
    ///
    /// # Errors
    /// Why there is no JACK, in a few words.
    pub(super) fn look(
        &mut self,
        board: &mut Board,
        desk: &LearnDesk,
        notices: &Notices,
        has_alsa: bool,
    ) -> Result<(), String> {
        if self.active.as_mut().is_some_and(|active| active.life.has_ended()) {
            notices.warn("MIDI: the JACK server has gone; waiting for it");
            self.close(board);
        }
        let active = match &mut self.active {
            Some(active) => active,
            none => {
                let active = none.insert(Active::open(board.wire.clone(), self.tap.clone())?);
                board.heard_by(BY_HAND, active.held_pulse());
                active
            }
        };
        active.look(board, notices, has_alsa)?;
        active.look_for_sound();
        active.look_out(board, desk, has_alsa)
    }

    /// Leaves the server.
    pub(super) fn close(&mut self, board: &Board) {
        let Some(Active { client, slots, outs, .. }) = self.active.take() else { return };
        // First, so that nothing comes after the word that a device has gone.
        drop(client);
        for source in slots.iter().filter_map(|slot| slot.source.as_ref()) {
            board.gone(source.device);
        }
        board.gone(BY_HAND);
        for (_, number) in outs.iter().filter_map(|slot| slot.target.as_ref()) {
            board.out_gone(*number);
        }
    }
}

impl Active {
    fn open(wire: Wire, tap: Option<Arc<Tap>>) -> Result<Self, String> {
        let client = open(CLIENT)?;
        let ear = tap.map(|tap| Ear::new(&client, tap)).transpose()?;
        let unheard = ear.as_ref().map(|ear| Arc::clone(&ear.tap));
        let life = Life { cycles: Arc::default(), last: (0, Instant::now()) };
        let new_ports = Arc::new(ArrayQueue::new(PORTS));
        let devices: Arc<[AtomicU32; PORTS]> = Arc::default();
        let watcher = Watcher { plugging_thread: thread::current() };
        let new_outs = Arc::new(ArrayQueue::new(PORTS));
        let callback = Callback {
            ports: Vec::with_capacity(PORTS),
            new_ports: Arc::clone(&new_ports),
            outs: Vec::with_capacity(PORTS),
            new_outs: Arc::clone(&new_outs),
            devices: Arc::clone(&devices),
            cycles: Arc::clone(&life.cycles),
            wire,
            ear,
        };
        let client = client.activate_async(watcher, callback).map_err(|e| format!("JACK: {e}"))?;
        let (slots, known, outs) = (Vec::new(), HashSet::new(), Vec::new());
        let mut active =
            Self { client, life, new_ports, devices, slots, known, new_outs, outs, unheard };
        active.add_slot()?;
        Ok(active)
    }

    /// By which it is known whether what is held still is.
    fn held_pulse(&self) -> Pulse {
        let client = self.client.as_client();
        let (frames, rate) = (client.buffer_size(), client.sample_rate().max(1));
        let period = Duration::from_secs_f64(f64::from(frames) / f64::from(rate));
        Pulse::new(Arc::clone(&self.life.cycles), period)
    }

    /// Makes one more port where there are `others` of its kind; with its full name.
    fn register<S: PortSpec>(
        &self,
        stem: &str,
        others: usize,
        kind: S,
    ) -> Result<(String, Port<S>), String> {
        let name = match others {
            0 => stem.to_owned(),
            others => format!("{stem}_{}", others + 1),
        };
        let port = self.client.as_client().register_port(&name, kind);
        let port = port.map_err(|error| format!("JACK: {error}"))?;
        let name = port.name().map_err(|error| format!("JACK: {error}"))?;
        Ok((name, port))
    }

    fn add_slot(&mut self) -> Result<(), String> {
        let (name, port) = self.register("midi_in", self.slots.len(), MidiIn::default())?;
        // There is room: no more than PORTS are ever made.
        let _ = self.new_ports.push(port);
        self.slots.push(Slot { name, source: None });
        Ok(())
    }

    /// Connects the hardware's inputs when somebody listens for the first time.
    fn look_for_sound(&mut self) {
        if self.unheard.take_if(|tap| tap.is_open()).is_none() {
            return;
        }
        let client = self.client.as_client();
        let own = format!("{}:{AUDIO_IN}", client.name());
        let kind = AudioOut::default();
        let flags = PortFlags::IS_OUTPUT | PortFlags::IS_PHYSICAL;
        for source in client.ports(None, Some(kind.jack_port_type()), flags).iter().take(2) {
            // What cannot be connected the performer connects by hand.
            let _ = client.connect_ports_by_name(source, &own);
        }
    }

    /// Plugs in devices that have something to show, and lets go those that have gone.
    fn look_out(
        &mut self,
        board: &mut Board,
        desk: &LearnDesk,
        has_alsa: bool,
    ) -> Result<(), String> {
        let client = self.client.as_client();
        let own = format!("{}:", client.name());
        let mut targets = targets(client);
        targets.retain(|target| !target.starts_with(&own));
        for slot in &mut self.outs {
            if let Some((_, number)) = slot.target.take_if(|(port, _)| !targets.contains(port)) {
                board.out_gone(number);
            }
        }
        for target in targets {
            let name = names::device_from_jack(&target);
            let is_known = |slot: &OutSlot| slot.target.as_ref().is_some_and(|t| t.0 == target);
            let is_elsewhere = has_alsa && names::is_jack_bridge(&target);
            if self.outs.iter().any(is_known) || is_elsewhere || !desk.shows_on(&name) {
                continue;
            }
            let place = match self.outs.iter().position(|slot| slot.target.is_none()) {
                Some(place) => place,
                None if self.outs.len() < PORTS => self.add_out()?,
                None => return Ok(()),
            };
            let slot = &mut self.outs[place];
            match self.client.as_client().connect_ports_by_name(&slot.name, &target) {
                Ok(()) | Err(jack::Error::PortAlreadyConnected(..)) => {
                    while slot.queue.pop().is_some() {}
                    let outlet = JackOutlet(Arc::clone(&slot.queue));
                    slot.target = Some((target, board.out_here(&name, Box::new(outlet))));
                }
                // Registered but not running yet: it is tried again.
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Opens another output port; returns its place.
    fn add_out(&mut self) -> Result<usize, String> {
        let (name, port) = self.register("midi_out", self.outs.len(), MidiOut::default())?;
        let queue = Arc::new(ArrayQueue::new(OUT_WAITING));
        // There is room: no more than PORTS are ever made.
        let _ = self.new_outs.push(OutPort { port, queue: Arc::clone(&queue) });
        self.outs.push(OutSlot { name, queue, target: None });
        Ok(self.outs.len() - 1)
    }

    fn look(&mut self, board: &mut Board, notices: &Notices, has_alsa: bool) -> Result<(), String> {
        let own = format!("{}:", self.client.as_client().name());
        let mut sources = sources(self.client.as_client());
        sources.retain(|source| !source.starts_with(&own));
        for (slot, device) in self.slots.iter_mut().zip(self.devices.iter()) {
            let has_gone = |source: &mut Source| !sources.contains(&source.port);
            if let Some(source) = slot.source.take_if(has_gone) {
                device.store(BY_HAND, Ordering::Relaxed);
                board.gone(source.device);
                notices.warn(format!("MIDI {}: gone; it plays on when it is back", source.name));
            }
        }
        self.known.retain(|source| sources.contains(source));
        for source in sources {
            if self.known.contains(&source) {
                continue;
            }
            if has_alsa && names::is_jack_bridge(&source) || self.plug(&source, board, notices)? {
                self.known.insert(source);
            }
        }
        Ok(())
    }

    /// Connects a source. Returns whether that is done; a source whose client has registered it but
    /// is not running yet is tried again.
    fn plug(&mut self, source: &str, board: &mut Board, notices: &Notices) -> Result<bool, String> {
        if self.slots.len() < PORTS && self.slots.iter().all(|slot| slot.source.is_some()) {
            self.add_slot()?;
        }
        let pulse = self.held_pulse();
        let free = self.slots.iter().position(|slot| slot.source.is_none());
        let place = free.unwrap_or(self.slots.len() - 1);
        let slot = &mut self.slots[place];
        let name = names::device_from_jack(source);
        if free.is_some() {
            // Known to everyone before its first byte can come.
            let device = board.here(&name);
            board.heard_by(device, pulse);
            self.devices[place].store(device, Ordering::Relaxed);
            slot.source = Some(Source { port: source.to_owned(), name: name.clone(), device });
        }
        match self.client.as_client().connect_ports_by_name(source, &slot.name) {
            Ok(()) | Err(jack::Error::PortAlreadyConnected(..)) => {
                notices.info(format!("MIDI {name}: plugged in (JACK)"));
                Ok(true)
            }
            Err(_) => {
                if let Some(source) = slot.source.take_if(|_| free.is_some()) {
                    self.devices[place].store(BY_HAND, Ordering::Relaxed);
                    board.gone(source.device);
                }
                Ok(false)
            }
        }
    }
}

/// Whether the server still calls us. It is felt here rather than told: a callback for the server's
/// end exists, but may be implemented in unsafe code only, and tells nothing of a server that hangs.
struct Life {
    cycles: Arc<AtomicU32>,
    /// The cycles counted last, and when they were new.
    last: (u32, Instant),
}

impl Life {
    fn has_ended(&mut self) -> bool {
        let cycles = self.cycles.load(Ordering::Relaxed);
        if cycles != self.last.0 {
            self.last = (cycles, Instant::now());
        }
        self.last.1.elapsed() > LONGEST_SILENCE
    }
}

/// The real-time side.
struct Callback {
    ports: Vec<Port<MidiIn>>,
    new_ports: Arc<ArrayQueue<Port<MidiIn>>>,
    outs: Vec<OutPort>,
    new_outs: Arc<ArrayQueue<OutPort>>,
    devices: Arc<[AtomicU32; PORTS]>,
    /// Cycles so far.
    cycles: Arc<AtomicU32>,
    wire: Wire,
    ear: Option<Ear>,
}

impl ProcessHandler for Callback {
    fn process(&mut self, client: &Client, scope: &ProcessScope) -> Control {
        self.cycles.fetch_add(1, Ordering::Relaxed);
        if let Some(Ear { port, tap, rate_hz }) = &self.ear {
            tap.offer(*rate_hz, port.as_slice(scope).iter().copied());
        }
        // Within the capacity: this does not allocate.
        while self.ports.len() < PORTS {
            let Some(port) = self.new_ports.pop() else { break };
            self.ports.push(port);
        }
        for (port, device) in self.ports.iter().zip(self.devices.iter()) {
            for event in port.iter(scope) {
                let stamp = stamp_micros(client, scope, event.time);
                self.wire.push(device.load(Ordering::Relaxed), stamp, event.bytes);
            }
        }
        while self.outs.len() < PORTS {
            let Some(out) = self.new_outs.pop() else { break };
            self.outs.push(out);
        }
        for OutPort { port, queue } in &mut self.outs {
            // Asked for in every cycle, since that empties what the last one wrote.
            let mut writer = port.writer(scope);
            while let Some(piece) = queue.pop() {
                // Where the cycle is full the message is lost: the lamp is wrong until it changes.
                if writer.write(&RawMidi { time: 0, bytes: piece.bytes() }).is_err() {
                    break;
                }
            }
        }
        Control::Continue
    }
}

/// When an event came, by the frames that the server has counted: exact where the time of the
/// callback would jitter by a whole cycle. They wrap round after a day; then a clock begins anew.
fn stamp_micros(client: &Client, scope: &ProcessScope, frame: u32) -> u64 {
    let frames = u64::from(scope.last_frame_time().wrapping_add(frame));
    frames * 1_000_000 / u64::from(client.sample_rate().max(1))
}

/// What JACK tells on threads of its own; no JACK function may be called there.
struct Watcher {
    plugging_thread: Thread,
}

impl NotificationHandler for Watcher {
    fn port_registration(&mut self, _: &Client, _: PortId, _: bool) {
        self.plugging_thread.unpark();
    }
}

/// The devices there are.
///
/// # Errors
/// Why there are none.
pub(super) fn list() -> Result<Vec<String>, String> {
    let client = open("residua-devices")?;
    Ok(sources(&client).iter().map(|source| names::device_from_jack(source)).collect())
}

/// Every MIDI source of the graph, as `client:port`.
fn sources(client: &Client) -> Vec<String> {
    client.ports(None, Some(MidiOut::default().jack_port_type()), PortFlags::IS_OUTPUT)
}

/// Every port of the graph that takes MIDI, as `client:port`.
fn targets(client: &Client) -> Vec<String> {
    client.ports(None, Some(MidiIn::default().jack_port_type()), PortFlags::IS_INPUT)
}

fn open(name: &str) -> Result<Client, String> {
    // Before anything else of JACK: without the library its functions panic.
    if jack::jack_sys::library().is_err() {
        return Err("JACK: not installed".to_owned());
    }
    // The library would print several lines at every attempt to find a server.
    jack::set_logger(LoggerType::None);
    match Client::new(name, ClientOptions::NO_START_SERVER) {
        Ok((client, _)) => Ok(client),
        Err(jack::Error::ClientError(status)) if status.contains(ClientStatus::SERVER_FAILED) => {
            Err("JACK: no server".to_owned())
        }
        Err(error) => Err(format!("JACK: {error}")),
    }
}
