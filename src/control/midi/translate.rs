//! From the bytes of devices to events: by mapping where a device has any, else by what the program
//! offers. And back: devices are told what has become of their parameters.
//!
//! Lives on the thread `midi`; the only file it touches is its memory.

use super::{
    assemble::Assembler,
    auto::{AutoAssign, Memory},
    clock::{Beat, Follower, Transport},
    control::Control,
    lamps::Panel,
    offer::{self, Down, Offer},
    parser::{ClockMessage, Heard, Message, Parser},
    propose::Proposer,
    pulse::Pulse,
    roll::Roll,
    view::View,
    wire::{BY_HAND, Outlet},
};
use crate::{
    control::{Ear, HeardFrom, HeardLine, LearnDesk, Monitor, Why, batch::Batch, rows::BANK},
    params::{Change, Counters, ParamIndex, Registry, Source},
    ports::Notices,
};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

/// The name of what is plugged into our JACK port by hand.
const UNNAMED: &str = "JACK";

/// A clock that is silent for so long no longer leads, and another may.
const CLOCK_SILENCE: Duration = Duration::from_secs(2);

/// What the thread `midi` owns.
pub(super) struct Translator {
    pub(super) registry: Arc<Registry>,
    pub(super) batch: Batch,
    pub(super) notices: Notices,
    pub(super) roll: Roll,
    pub(super) desk: LearnDesk,
    ear: Ear,
    pub(super) armed: Option<Armed>,
    pub(super) memory: Memory,
    pub(super) is_memory_stale: bool,
    pub(super) devices: BTreeMap<u32, Device>,
    /// Of devices that a server brings.
    pulses: BTreeMap<u32, Pulse>,
    offered: AutoAssign,
    memory_file: Option<PathBuf>,
    monitor: Option<Box<dyn Monitor>>,
    outs: BTreeMap<u32, Out>,
    bank: i64,
    bank_row: Option<ParamIndex>,
    /// The preset in force, and its row: everything is told again after a recall.
    preset: Option<f64>,
    preset_row: Option<ParamIndex>,
    clock: Clock,
    /// Where controls stand that wait to be picked up, as the desk shows it, and room for the next.
    ghosts: [Vec<(ParamIndex, f64)>; 2],
}

/// What the translator begins with.
pub(super) struct Beginning {
    pub roll: Roll,
    pub offered: AutoAssign,
    pub memory: Memory,
    pub memory_file: Option<PathBuf>,
    pub monitor: Option<Box<dyn Monitor>>,
    pub desk: LearnDesk,
    pub ear: Ear,
}

/// One port that is plugged in.
pub(super) struct Device {
    pub name: String,
    parser: Parser,
    assembler: Assembler,
    /// The mappings that are for it.
    controls: Vec<Control>,
    /// Whether what no mapping hears takes what is offered.
    takes_offers: bool,
    down: Down,
}

/// A parameter that waits for a control.
pub(super) struct Armed {
    pub id: String,
    pub proposer: Proposer,
}

/// Where a device is told something.
struct Out {
    name: String,
    outlet: Box<dyn Outlet>,
    panel: Panel,
}

/// The clock that is followed, and the rows that it moves; those that there are.
struct Clock {
    follower: Follower,
    /// The device, and when it was heard last.
    leader: Option<(u32, Duration)>,
    bpm: Option<ParamIndex>,
    position: Option<ParamIndex>,
    start: Option<ParamIndex>,
    go_on: Option<ParamIndex>,
    stop: Option<ParamIndex>,
}

impl Translator {
    pub(super) fn new(
        registry: Arc<Registry>,
        batch: Batch,
        notices: Notices,
        beginning: Beginning,
    ) -> Self {
        let Beginning { roll, offered, memory, memory_file, monitor, desk, ear } = beginning;
        let clock = Clock {
            follower: Follower::default(),
            leader: None,
            bpm: registry.find("tempo.bpm"),
            position: registry.find("tempo.position"),
            start: registry.find("tempo.start"),
            go_on: registry.find("tempo.continue"),
            stop: registry.find("tempo.stop"),
        };
        let this = Self {
            ghosts: Default::default(),
            bank: BANK.default as i64,
            bank_row: registry.find(BANK.id),
            preset: None,
            preset_row: registry.find("preset.select"),
            registry,
            batch,
            notices,
            roll,
            desk,
            ear,
            armed: None,
            memory,
            is_memory_stale: false,
            devices: BTreeMap::new(),
            pulses: BTreeMap::new(),
            offered,
            memory_file,
            monitor,
            outs: BTreeMap::new(),
            clock,
        };
        this.show_roll();
        this
    }

    /// The time that the other methods take.
    pub(super) fn now(&self) -> Duration {
        self.batch.queue().now()
    }

    /// A device has been plugged in.
    pub(super) fn here(&mut self, id: u32, name: String) {
        if let Some(map) = self.roll.welcome(&name, &self.registry, &self.notices) {
            self.notices.info(format!("MIDI {name}: played by the map for {map}"));
        }
        let device = Device {
            parser: Parser::default(),
            assembler: Assembler::default(),
            controls: self.roll.controls(&name),
            takes_offers: self.roll.takes_offers(&name),
            down: [None; 128],
            name,
        };
        self.devices.insert(id, device);
        self.show_roll();
    }

    /// What a device sends comes for as long as this server calls.
    pub(super) fn heard_by(&mut self, id: u32, pulse: Pulse) {
        self.pulses.insert(id, pulse);
    }

    /// A device has gone: whatever it held is let go, since no message will come to say so.
    pub(super) fn gone(&mut self, id: u32) {
        self.pulses.remove(&id);
        self.release_all(|device| device == id);
        if self.devices.remove(&id).is_some() {
            self.show_roll();
        }
    }

    /// What is held through a server that no longer calls is let go, long before the server is given
    /// up: nothing more is heard of it.
    fn feel_pulses(&mut self, now: Duration) {
        let mut pulses = std::mem::take(&mut self.pulses);
        for (id, pulse) in &mut pulses {
            if pulse.has_stopped(now) {
                self.release_all(|device| device == *id);
            }
        }
        self.pulses = pulses;
    }

    /// All devices have gone.
    pub(super) fn all_gone(&mut self) {
        for id in self.devices.keys().copied().collect::<Vec<_>>() {
            self.gone(id);
        }
    }

    /// Lets go whatever these devices hold; they play on.
    pub(super) fn release_all(&mut self, which: impl Fn(u32) -> bool) {
        let Self { registry, monitor, batch, offered, devices, .. } = self;
        let view = View { registry, monitor: monitor.as_deref() };
        for (_, device) in devices.iter_mut().filter(|(id, _)| which(**id)) {
            for control in &mut device.controls {
                release(control, view, batch);
            }
            for note in 0..128 {
                offer::release(offered, &mut device.down, note, batch);
            }
        }
    }

    /// A device can be told something.
    pub(super) fn out_here(&mut self, id: u32, name: String, outlet: Box<dyn Outlet>) {
        let panel = self.roll.panel(&name);
        self.outs.insert(id, Out { name, outlet, panel });
    }

    /// A device can be told nothing any more.
    pub(super) fn out_gone(&mut self, id: u32) {
        self.outs.remove(&id);
    }

    /// A device has sent something; `stamp` is the system's own time of it. What is still on its way
    /// when the device has gone is dropped.
    pub(super) fn bytes(&mut self, id: u32, stamp: Duration, now: Duration, bytes: &[u8]) {
        if id == BY_HAND && !self.devices.contains_key(&id) {
            self.here(id, UNNAMED.to_owned());
        }
        for byte in bytes {
            let device = self.devices.get_mut(&id);
            match device.and_then(|device| device.parser.push(*byte)) {
                Some(Heard::Message(message)) => self.message(id, message, (stamp, now)),
                Some(Heard::Clock(message)) => self.clock(id, message, stamp, now),
                None => {}
            }
        }
    }

    /// What there is to do when all bytes are read: requests, the instrument's state, lamps. Sends
    /// what was gathered and keeps what was learnt.
    pub(super) fn turn(&mut self, now: Duration) {
        self.feel_pulses(now);
        self.mind_requests();
        self.learn(now);
        let is_new = self.monitor.as_mut().is_some_and(|monitor| monitor.update());
        if is_new {
            self.mind_bank();
            self.mind_preset();
            let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
            for device in self.devices.values_mut() {
                for control in &mut device.controls {
                    control.look(view, now);
                }
            }
        }
        self.tell(now);
        self.show_ghosts();
        self.batch.send();
        self.save();
    }

    /// Shows on the desk where controls stand that wait to be picked up, where that has changed.
    fn show_ghosts(&mut self) {
        let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
        let [shown, now] = &mut self.ghosts;
        now.clear();
        for control in self.devices.values().flat_map(|device| &device.controls) {
            let is_heard = control.mapping.bank.is_none_or(|bank| i64::from(bank) == self.bank);
            let ghost = control.ghost(view).filter(|_| is_heard);
            now.extend(ghost.map(|ghost| (self.registry.current(control.mapping.param), ghost)));
        }
        if shown != now {
            std::mem::swap(shown, now);
            self.desk.show(|state| state.ghosts.clone_from(shown));
        }
    }

    /// Whether somebody must be told what becomes of the parameters, so that it is looked often.
    pub(super) fn is_watching(&self) -> bool {
        self.monitor.is_some() && !self.devices.is_empty() || self.armed.is_some()
    }

    /// What is in another bank is let go when the bank changes.
    fn mind_bank(&mut self) {
        let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
        let Some(bank) = self.bank_row.and_then(|row| view.plain(row)) else { return };
        let bank = bank.round() as i64;
        if std::mem::replace(&mut self.bank, bank) == bank {
            return;
        }
        for device in self.devices.values_mut() {
            for control in device.controls.iter_mut().filter(|held| held.mapping.bank.is_some()) {
                release(control, view, &mut self.batch);
            }
        }
    }

    /// After a recall everything is told again.
    fn mind_preset(&mut self) {
        let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
        let preset = self.preset_row.and_then(|row| view.plain(row));
        if std::mem::replace(&mut self.preset, preset) != preset {
            self.outs.values_mut().for_each(|out| out.panel.forget());
        }
    }

    fn tell(&mut self, now: Duration) {
        let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
        if view.monitor.is_none() {
            return;
        }
        for out in self.outs.values_mut().filter(|out| !out.panel.is_empty()) {
            let devices = &self.devices;
            let is_pressed = |place: usize| {
                let named = devices.values().filter(|device| device.name == out.name);
                let mut controls = named.flat_map(|device| &device.controls);
                controls.any(|control| control.place == place && control.is_pressed())
            };
            let outlet = &mut out.outlet;
            out.panel.tell(view, self.bank, now, &is_pressed, |bytes| outlet.send(bytes));
        }
    }

    fn save(&mut self) {
        if !std::mem::take(&mut self.is_memory_stale) {
            return;
        }
        let Some(path) = &self.memory_file else { return };
        if let Err(error) = self.memory.save(path) {
            self.notices.warn(format!(
                "MIDI: {} cannot be written ({error}); what was learnt is forgotten at the end",
                path.display()
            ));
            self.memory_file = None;
        }
    }

    fn message(&mut self, id: u32, message: Message, (stamp, now): (Duration, Duration)) {
        if self.ear.is_open() {
            self.batch.note_all();
        }
        let (told, why) = self.meet(id, message, (stamp, now));
        let notes = self.batch.noted();
        if let Some((device, notes)) = self.devices.get(&id).zip(notes) {
            self.ear.put(HeardLine {
                from: HeardFrom::Device(device.name.clone()),
                text: told.to_string(),
                outcome: notes.outcome(why),
            });
        }
    }

    /// Does what a message asks for. Returns it, in 14 bits where it completes such a one, and why
    /// nothing came of it, if nothing did.
    fn meet(
        &mut self,
        id: u32,
        message: Message,
        (stamp, now): (Duration, Duration),
    ) -> (Message, Why) {
        let Some(device) = self.devices.get_mut(&id) else { return (message, Why::Unmapped) };
        let wide = device.assembler.take(message);
        // Any controller below 32 may be the half of one of 14 bits; of a parameter by number there is
        // nothing else to tell.
        let mut told = wide.filter(|wide| matches!(wide, Message::Nrpn { .. })).unwrap_or(message);
        if let Some(armed) = &mut self.armed {
            armed.proposer.hear(id, message, wide, now);
            return (told, Why::Learning);
        }
        let view = View { registry: &self.registry, monitor: self.monitor.as_deref() };
        let mut why = None;
        for control in &mut device.controls {
            let panels = self.outs.values_mut().filter(|out| out.name == device.name);
            if let Some(is_held) = control.mapping.touch(message) {
                why = Some(Why::Idle(Some(control.mapping.param)));
                panels.for_each(|out| out.panel.held(control.place, is_held, now));
                continue;
            }
            let mut heard = [wide, Some(message)].into_iter().flatten();
            let Some(heard) = heard.find(|m| control.mapping.hears(*m)) else { continue };
            told = heard;
            let param = control.mapping.param;
            if !control.mapping.is_in(self.bank) {
                let bank = control.mapping.bank.unwrap_or_default();
                why = why.or(Some(Why::Elsewhere { param, bank }));
                control.idle(heard);
                continue;
            }
            panels.for_each(|out| out.panel.touched(control.place, now));
            let change = control.change(heard, view, (stamp, now));
            why = Some(control.ghost(view).map_or(Why::Idle(Some(param)), |_| Why::Waits(param)));
            for change in [change, control.follow(heard, view)].into_iter().flatten() {
                self.batch.push(param, change);
            }
        }
        let is_part = device.assembler.is_part(message)
            || device.controls.iter().any(|control| control.mapping.has_half(message));
        let half = is_part.then_some(Why::Half);
        let mut why = why.or(half);
        if why.is_none() && device.takes_offers {
            let remembered = self.memory.device(&device.name);
            let mut offer = Offer {
                registry: &self.registry,
                notices: &self.notices,
                offered: &self.offered,
                batch: &mut self.batch,
                is_memory_stale: &mut self.is_memory_stale,
                name: &device.name,
            };
            let is_understood = offer.take(message, remembered, &mut device.down);
            why = is_understood.then_some(Why::Idle(None));
        }
        if why.is_none() {
            Counters::count(&self.batch.queue().counters().unknown);
        }
        (told, why.unwrap_or_default())
    }

    fn clock(&mut self, id: u32, message: ClockMessage, stamp: Duration, now: Duration) {
        let clock = &mut self.clock;
        let leads = clock
            .leader
            .is_none_or(|(leader, last)| leader == id || now.saturating_sub(last) > CLOCK_SILENCE);
        // Of two clocks the first is followed: the beat has one place.
        if !leads {
            return;
        }
        if clock.leader.is_none_or(|(leader, _)| leader != id) {
            clock.follower = Follower::default();
        }
        clock.leader = Some((id, now));
        let Beat { bpm, position, transport } = clock.follower.take(message, stamp);
        let transport = transport.and_then(|transport| match transport {
            Transport::Start => clock.start,
            Transport::Continue => clock.go_on,
            Transport::Stop => clock.stop,
        });
        let events = [
            clock.bpm.zip(bpm).map(|(row, bpm)| (row, Change::Plain(bpm))),
            transport.map(|row| (row, Change::Fire)),
            clock.position.zip(position).map(|(row, beats)| (row, Change::Plain(beats))),
        ];
        for (row, change) in events.into_iter().flatten() {
            self.batch.push_as(row, change, Source::Clock);
        }
    }

    /// The list of mappings has changed: every control is made anew.
    pub(super) fn rebuild(&mut self) {
        self.release_all(|_| true);
        for device in self.devices.values_mut() {
            device.controls = self.roll.controls(&device.name);
            device.takes_offers = self.roll.takes_offers(&device.name);
        }
        for out in self.outs.values_mut() {
            out.panel = self.roll.panel(&out.name);
        }
        self.show_roll();
    }

    fn show_roll(&self) {
        let (mappings, devices) = (self.roll.list(), self.devices.values());
        let names = devices.map(|device| device.name.clone()).collect();
        self.desk.show(|state| {
            state.mappings = mappings;
            state.devices = names;
        });
    }
}

/// Lets go what a mapped control holds.
fn release(control: &mut Control, view: View<'_>, batch: &mut Batch) {
    if let Some(change) = control.let_go(view) {
        batch.push(control.mapping.param, change);
    }
}
