//! The ways in for other programs: OSC and OSCQuery, opened as options and set say.

use super::options::NetworkOptions;
use crate::{
    control::{
        Ear, LearnDesk, LearnHook, LearnRequest, Monitor, OscPlan, OscServer, OscTarget, Progress,
        Recognised,
    },
    engine::{Recording, Status},
    params::{ControlQueue, Gesture, ParamIndex, Registry, Snapshot},
    ports::Notices,
    recognition::{RECOGNITION_BY, RECOGNITION_CLASS, RECOGNITION_CONFIDENCE},
    units::FrameRate,
    web::{self, WebPlan, WebServer},
};
use anyhow::{Context, Result};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};
use triple_buffer::Output;

/// The OSC port where none is named, if it is free.
const OSC_PORT: u16 = 7700;

/// Where doors are that nobody asked for: only programs of this machine come in.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What the doors of a set are.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Where OSC is listened for.
    pub osc: Option<SocketAddr>,
    /// Who is told what changes: see [`target`].
    pub osc_out: Vec<String>,
    /// Where OSCQuery is served.
    pub web: Option<SocketAddr>,
}

impl Wanted {
    /// What was just typed goes before what the set says.
    pub fn of(options: &NetworkOptions, set: Self) -> Self {
        Self {
            osc: options.osc.or(set.osc),
            osc_out: [set.osc_out, options.osc_out.clone()].concat(),
            web: options.web.or(set.web),
        }
    }
}

/// What all doors lead to.
#[derive(Clone)]
pub struct House {
    pub registry: Arc<Registry>,
    pub queue: ControlQueue,
    pub notices: Notices,
    pub rate: FrameRate,
    pub ear: Ear,
    /// What classes are called, in order.
    pub labels: Arc<[String]>,
}

/// The doors that are open; dropped, they close.
#[derive(Default)]
pub struct Doors {
    web: Option<WebServer>,
    osc: Option<OscServer>,
}

impl Doors {
    /// Opens what is wanted, and what usually is. `status` makes a reader of what the engine
    /// publishes.
    ///
    /// # Errors
    /// What was asked for and cannot be had. What was not asked for is done without.
    pub fn open(
        options: &NetworkOptions,
        wanted: Wanted,
        house: &House,
        learn: Option<LearnHook>,
        mut status: impl FnMut() -> Output<Status>,
    ) -> Result<Self> {
        if options.no_osc {
            return Ok(Self::default());
        }
        let mut monitor = || {
            let reader = Reader::new(status(), &house.registry, house.rate);
            Box::new(reader.with_labels(Arc::clone(&house.labels)))
        };
        let targets = wanted.osc_out.iter().map(|text| target(text));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let address = first_free(wanted.osc);
        let ear = house.ear.clone();
        let plan = OscPlan { address, targets, monitor: Some(monitor()), ear, learn };
        let House { registry, queue, notices, .. } = house;
        let osc = OscServer::start(plan, Arc::clone(registry), queue.clone(), notices.clone());
        let osc = wanted_or_warned(osc, needs_osc(options, &wanted), notices)?;
        let Some(osc) = osc else { return Ok(Self::default()) };
        if options.no_web {
            return Ok(Self { osc: Some(osc), web: None });
        }
        let plan = WebPlan {
            address: wanted.web.unwrap_or(SocketAddr::new(HERE, web::DEFAULT_PORT)),
            may_move: wanted.web.is_none(),
            osc: osc.local_addr(),
            monitor: monitor(),
            ear: house.ear.clone(),
        };
        let web = WebServer::start(plan, Arc::clone(registry), queue.clone(), notices.clone());
        let web = wanted_or_warned(web, wanted.web.is_some(), notices)?;
        Ok(Self { osc: Some(osc), web })
    }

    /// A line for each.
    pub fn lines(&self) -> Vec<String> {
        let osc = self.osc.iter().map(|osc| format!("OSC on {}", osc.local_addr()));
        let web = self.web.iter().map(|web| format!("OSCQuery on {}", web.local_addr()));
        osc.chain(web).collect()
    }
}

/// Whether OSC was asked for, if only by what does not open without it: OSCQuery tells its port.
fn needs_osc(options: &NetworkOptions, wanted: &Wanted) -> bool {
    let needs_web = wanted.web.is_some() && !options.no_web;
    wanted.osc.is_some() || !wanted.osc_out.is_empty() || needs_web
}

/// What was asked for and cannot be had is an error; else it is only said.
fn wanted_or_warned<T, E>(
    door: Result<T, E>,
    is_asked: bool,
    notices: &Notices,
) -> Result<Option<T>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match door {
        Ok(door) => Ok(Some(door)),
        Err(error) if is_asked => Err(error.into()),
        Err(error) => {
            notices.warn(error.to_string());
            Ok(None)
        }
    }
}

/// Where OSC is listened for: as asked, else the usual port unless another program has it.
fn first_free(asked: Option<SocketAddr>) -> SocketAddr {
    asked.unwrap_or_else(|| {
        let usual = SocketAddr::new(HERE, OSC_PORT);
        let is_free =
            std::net::UdpSocket::bind(usual).is_ok() && std::net::TcpListener::bind(usual).is_ok();
        if is_free { usual } else { SocketAddr::new(HERE, 0) }
    })
}

/// Who `HOST:PORT[,normalised][,meters]` is. An address of IPv4 goes first, as most programs listen
/// there.
fn target(text: &str) -> Result<OscTarget> {
    let what = || {
        format!(
            "cannot send OSC to '{text}': write HOST:PORT, such as 10.0.0.5:9000, and after it \
             ,normalised or ,meters where that is wished"
        )
    };
    let (place, words) = text.split_once(',').unwrap_or((text, ""));
    let all: Vec<SocketAddr> = place.to_socket_addrs().with_context(what)?.collect();
    let found = all.iter().find(|address| address.is_ipv4()).or(all.first());
    let address = *found.with_context(what)?;
    let mut target = OscTarget { address, has_meters: false, is_normalised: false };
    for word in words.split(',').filter(|word| !word.is_empty()) {
        match word.trim() {
            "meters" => target.has_meters = true,
            "normalised" => target.is_normalised = true,
            _ => anyhow::bail!(what()),
        }
    }
    Ok(target)
}

/// Passes on what `/learn` and `/unlearn` ask for.
pub fn teacher(desk: LearnDesk, registry: &Arc<Registry>) -> LearnHook {
    let registry = Arc::clone(registry);
    Box::new(move |request| {
        // Where too much waits already, the performer asks again.
        let _ = match request {
            LearnRequest::Arm(param) => desk.arm(registry.row(param).id),
            LearnRequest::Unlearn(Some(param)) => desk.unlearn(registry.row(param).id),
            LearnRequest::Unlearn(None) => desk.disarm(),
        };
    })
}

/// A reader of what the engine publishes.
#[derive(Debug)]
pub struct Reader {
    status: Output<Status>,
    registry: Arc<Registry>,
    rate: FrameRate,
    /// What classes are called, in order.
    labels: Arc<[String]>,
    /// Rows of what the eye sees: by what, which class, how sure.
    eye: [ParamIndex; 3],
    /// Whether the eye has been open.
    has_seen: bool,
}

impl Reader {
    /// A reader of an engine with these rows and slots.
    pub fn new(status: Output<Status>, registry: &Arc<Registry>, rate: FrameRate) -> Self {
        let eye = [&RECOGNITION_BY, &RECOGNITION_CLASS, &RECOGNITION_CONFIDENCE];
        let eye = eye.map(|row| registry.index_of(row));
        let registry = Arc::clone(registry);
        Self { status, registry, rate, labels: Arc::default(), eye, has_seen: false }
    }

    /// The same, knowing what classes are called.
    pub fn with_labels(self, labels: Arc<[String]>) -> Self {
        Self { labels, ..self }
    }

    fn recognised(&self) -> Option<Recognised> {
        let [_, class, confidence] = self.eye;
        let base = self.base();
        self.has_seen.then(|| Recognised {
            class: u32::try_from(base.int(class)).unwrap_or(0),
            confidence: base.float(confidence),
        })
    }
}

impl Monitor for Reader {
    fn update(&mut self) -> bool {
        let is_new = self.status.update();
        let [by, ..] = self.eye;
        let base = &self.status.output_buffer().base;
        self.has_seen |= base.has(by) && base.int(by) != 0;
        is_new
    }

    fn base(&self) -> &Snapshot {
        &self.status.output_buffer().base
    }

    fn progress(&self) -> Progress {
        let status = self.status.output_buffer();
        Progress {
            tick: status.slot,
            rate: self.rate.hertz(),
            late: status.late_slots,
            clip: status.clip.map_or(0, |clip| clip.0 as u32 + 1),
            slice: status.slice,
            slices: status.slices,
            position: status.position,
            generation: status.generation,
            is_recording: status.recording != Recording::Off,
            recognised: self.recognised(),
        }
    }

    fn gesture(&self, param: ParamIndex) -> Gesture {
        self.status.output_buffer().habits.gesture(param, self.registry.row(param))
    }

    fn label(&self, class: u32) -> &str {
        let at = (class as usize).checked_sub(1);
        at.and_then(|at| self.labels.get(at)).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_door_that_was_asked_for_asks_for_osc() {
        let mut options = NetworkOptions {
            osc: None,
            osc_out: Vec::new(),
            no_osc: false,
            web: None,
            no_web: false,
        };
        let web = Wanted { web: Some(([127, 0, 0, 1], 8080).into()), ..Wanted::default() };
        assert!(!needs_osc(&options, &Wanted::default()), "done without");
        assert!(needs_osc(&options, &web));
        let told = Wanted { osc_out: vec!["127.0.0.1:9000".to_owned()], ..Wanted::default() };
        assert!(needs_osc(&options, &told));
        options.no_web = true;
        assert!(!needs_osc(&options, &web), "the set's, and not wanted today");
    }

    #[test]
    fn targets_are_read_with_their_wishes() {
        let plain = target("127.0.0.1:9000").expect("a target");
        assert_eq!((plain.has_meters, plain.is_normalised), (false, false));
        assert_eq!(plain.address, ([127, 0, 0, 1], 9000).into());
        let wishes = target("localhost:9000,meters,normalised").expect("a target");
        assert_eq!((wishes.has_meters, wishes.is_normalised), (true, true));
        for wrong in ["127.0.0.1", "9000", "127.0.0.1:99999", "127.0.0.1:9000,everything", ""] {
            let error = target(wrong).expect_err("no target");
            assert!(error.to_string().contains("write HOST:PORT"), "{error}");
        }
    }
}
