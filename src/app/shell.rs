//! The event loop's hand: opens the windows, sends keys on, keeps both windows current.

use super::{
    AppError, Config, ImportDesk, Screen,
    control_window::ControlWindow,
    greeting::Greeting,
    keys::{Key, Keyboard, key_lines, key_of},
    layout,
    looks::{LooksNews, LooksPort},
    monitors,
    outputs::Outputs,
    room::Room,
    wake_lock::WakeLock,
};
use crate::{
    control::{Ear, LearnDesk},
    engine::Status,
    output::ProgrammeReader,
    params::{ControlQueue, Registry},
    ports::Notices,
    ui::{
        ClipCard, DisplayLine, Doings, GrabPictures, KeyLine, Layout, LookCard, NewsLine, Roles,
        Surface, View, Wish,
    },
};
use crossbeam::channel::Receiver;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use winit::{
    application::ApplicationHandler,
    event::{ElementState, KeyEvent, WindowEvent},
    event_loop::{ActiveEventLoop, ControlFlow, EventLoop, OwnedDisplayHandle},
    keyboard::ModifiersState,
    monitor::MonitorHandle,
    window::WindowId,
};

/// How often status, notices and clocks are looked at where no event comes in: twice per slot at
/// 30 pictures a second.
const LOOK_PAUSE: Duration = Duration::from_millis(16);
/// How often it is told where the output is.
const SCREEN_PAUSE: Duration = Duration::from_millis(250);
/// How long a notice stays on an output that is a window.
const NOTICE_SHOWN: Duration = Duration::from_secs(3);
/// Lines of news that are kept.
const NEWS_KEPT: usize = 100;
/// How often it is looked whether the window was laid out anew.
const LAYOUT_PAUSE: Duration = Duration::from_secs(2);

/// See [`super::run`].
pub(super) fn run(config: Config) -> Result<(), AppError> {
    let events = EventLoop::new().map_err(no_display)?;
    let quit = config.quit.clone();
    let mut shell = Shell {
        display: events.owned_display_handle(),
        state: State::Waiting(Box::new(config)),
        outcome: Ok(()),
    };
    let ended = events.run_app(&mut shell);
    quit.store(true, Ordering::Release);
    shell.outcome?;
    Ok(ended?)
}

/// See [`super::displays`].
pub(super) fn displays() -> Result<Vec<String>, AppError> {
    struct Listing(Vec<String>);
    impl ApplicationHandler for Listing {
        fn resumed(&mut self, events: &ActiveEventLoop) {
            self.0 =
                events.available_monitors().map(|monitor| monitors::describe(&monitor)).collect();
            events.exit();
        }
        fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}
    }
    let mut listing = Listing(Vec::new());
    EventLoop::new().map_err(no_display)?.run_app(&mut listing)?;
    Ok(listing.0)
}

fn no_display(error: winit::error::EventLoopError) -> AppError {
    // What winit says before the last colon is of use to its own developers only.
    let text = error.to_string();
    let reason = text.rsplit(": ").next().unwrap_or_default().trim().trim_end_matches('.');
    AppError::NoDisplay(reason.to_owned())
}

enum State {
    Waiting(Box<Config>),
    Open(Box<Windows>),
    Over,
}

struct Shell {
    display: OwnedDisplayHandle,
    state: State,
    outcome: Result<(), AppError>,
}

/// Everything there is once the windows are open.
struct Windows {
    control: ControlWindow,
    outputs: Outputs,
    displays: Vec<DisplayLine>,
    instance: wgpu::Instance,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
    status: triple_buffer::Output<Status>,
    preview: ProgrammeReader,
    clips: Vec<ClipCard>,
    new_clips: Receiver<ClipCard>,
    greeting: Greeting,
    looks: LooksPort,
    look_cards: Vec<LookCard>,
    grabs: GrabPictures,
    port_lines: Vec<String>,
    learn: Option<LearnDesk>,
    ear: Ear,
    desk: Option<ImportDesk>,
    display: Option<MonitorHandle>,
    screen: Arc<Screen>,
    told_screen: Option<Instant>,
    quit: Arc<AtomicBool>,
    keyboard: Keyboard,
    keys: Vec<KeyLine>,
    modifiers: ModifiersState,
    opened: Instant,
    news: Vec<NewsLine>,
    latest_news: Option<Instant>,
    roles: Roles,
    surface: Surface,
    /// Held while the surface is locked.
    wake_lock: Option<WakeLock>,
    machine: Vec<(String, String)>,
    recording_room: Room,
    /// What was drawn beside the instrument.
    seen_beside: u64,
    /// Where the layout is kept, as what it is kept there, and when that was looked at.
    layout: Option<(PathBuf, Layout, Instant)>,
}

impl Windows {
    fn open(
        events: &ActiveEventLoop,
        display: OwnedDisplayHandle,
        config: Config,
    ) -> Result<Self, AppError> {
        let display_asked = config.display.as_deref();
        for also in &config.also {
            monitors::find(events, also)?;
        }
        let monitor = display_asked.map(|asked| monitors::find(events, asked)).transpose();
        let monitor = match monitor {
            Err(error) if config.is_display_a_wish => {
                config.notices.warn(error.to_string());
                None
            }
            monitor => monitor?,
        };
        let mut descriptor =
            wgpu::InstanceDescriptor::new_with_display_handle_from_env(Box::new(display));
        // Never OpenGL: its contexts do not stand being used by a thread for each window, and the
        // decay chain cannot run on it either.
        descriptor.backends &= wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let control = ControlWindow::open(events, &instance)?;
        let mut outputs = Outputs::open(
            events,
            &instance,
            config.canvas,
            monitor.as_ref(),
            config.outputs,
            config.notices.clone(),
        )?;
        if config.fullscreen {
            outputs.main.fill(monitor.clone().or_else(|| monitors::second(events)));
        }
        for also in &config.also {
            outputs.fill(events, &instance, &monitors::name(&monitors::find(events, also)?));
        }
        let kept = config.layout.as_deref().map(layout::read);
        Ok(Self {
            keyboard: Keyboard::new(&config.registry),
            keys: key_lines(),
            roles: Roles::resolve(&config.registry),
            wake_lock: None,
            machine: config.machine,
            recording_room: Room::new(config.recording_room, &config.notices),
            surface: Surface::new(kept.clone().unwrap_or_default()).with_tables(config.tables),
            layout: config.layout.zip(kept).map(|(path, kept)| (path, kept, Instant::now())),
            control,
            displays: outputs.displays(events),
            outputs,
            instance,
            registry: config.registry,
            queue: config.queue,
            notices: config.notices,
            status: config.status,
            preview: config.preview,
            clips: config.clips,
            new_clips: config.new_clips,
            greeting: Greeting::new(config.is_blank),
            looks: config.looks,
            look_cards: Vec::new(),
            grabs: config.grabs,
            port_lines: config.port_lines,
            learn: config.learn,
            ear: config.ear,
            desk: config.desk,
            display: monitor,
            screen: config.screen,
            told_screen: None,
            seen_beside: 0,
            quit: config.quit,
            modifiers: ModifiersState::empty(),
            opened: Instant::now(),
            news: Vec::new(),
            latest_news: None,
        })
    }

    /// A key in either window. Returns whether it was one of ours.
    fn on_key(&mut self, id: WindowId, event: &KeyEvent, is_synthetic: bool) -> bool {
        let Some(key) = key_of(event) else { return false };
        let is_press = event.state == ElementState::Pressed;
        // Presses that the window system makes up when the keyboard comes back are nobody's.
        if is_press && is_synthetic {
            return true;
        }
        let is_shifted = self.modifiers.shift_key();
        if is_press
            && self.modifiers.control_key()
            && let Key::Letter(letter) = key
            && let Some(event) = self.keyboard.shortcut(letter, is_shifted)
        {
            self.queue.send(event);
            return true;
        }
        let shortcut = ModifiersState::CONTROL | ModifiersState::ALT | ModifiersState::SUPER;
        if is_press && self.modifiers.intersects(shortcut) {
            return false;
        }
        match key {
            Key::Letter('?') => {
                if is_press && !event.repeat {
                    self.surface.toggle_keys();
                    self.control.mark_stale();
                }
            }
            // Where no display is filled, it closes what is open in the window.
            Key::Escape if is_press && self.outputs.leaving(id).is_none() => return false,
            Key::Letter('f') | Key::Escape => self.on_screen_key(id, key, event.repeat, is_press),
            _ if is_press => {
                if let Some(event) = self.keyboard.press(key, event.repeat, is_shifted) {
                    self.queue.send(event);
                }
            }
            _ => {
                if let Some(event) = self.keyboard.release(key) {
                    self.queue.send(event);
                }
            }
        }
        true
    }

    fn on_screen_key(&mut self, id: WindowId, key: Key, is_repeat: bool, is_press: bool) {
        if !is_press {
            self.outputs.all().for_each(|output| output.leaving.release());
        } else if let Some(output) = self.outputs.leaving(id) {
            output.leaving.press(Instant::now(), is_repeat);
        } else if key != Key::Escape && !is_repeat {
            self.outputs.main.fill(self.display.clone());
        }
    }

    /// The keyboard went elsewhere.
    fn on_unfocus(&mut self) {
        self.outputs.all().for_each(|output| output.leaving.release());
        for event in self.keyboard.release_all() {
            self.queue.send(event);
        }
    }

    /// Looks at everything that may have changed, and asks for what follows.
    fn tend(&mut self, events: &ActiveEventLoop) {
        let now = Instant::now();
        while let Some(notice) = self.notices.take() {
            if self.news.len() == NEWS_KEPT {
                // What was written is listed for as long as the show goes on.
                let oldest = self.news.iter().position(|line| line.notice.file.is_none());
                self.news.remove(oldest.unwrap_or(0));
            }
            self.news.push(NewsLine { at_secs: self.opened.elapsed().as_secs_f64(), notice });
            self.latest_news = Some(now);
            self.control.mark_stale();
        }
        self.clips.extend(self.new_clips.try_iter());
        let playing = self.status.output_buffer().clip.map(|clip| usize::from(clip.0));
        for event in self.greeting.tend(&self.roles, self.clips.len(), playing, now) {
            self.queue.send(event);
        }
        self.take_looks();
        // All files of one drop have come by now.
        self.surface.take_drops().into_iter().for_each(|wish| self.grant(events, wish));
        if self.status.update() && self.surface.sees(&self.registry, self.status.output_buffer()) {
            self.control.mark_stale();
        }
        let beside = self.beside();
        if std::mem::replace(&mut self.seen_beside, beside) != beside {
            self.control.mark_stale();
        }
        if let Some(picture) = self.preview.take() {
            self.control.set_preview(picture);
        }
        if self.told_screen.is_none_or(|at| now >= at + SCREEN_PAUSE) {
            self.told_screen = Some(now);
            self.outputs.mind_displays(events);
            let displays = self.outputs.displays(events);
            if displays != self.displays {
                self.displays = displays;
                self.control.mark_stale();
            }
            self.screen.set(
                self.outputs.main.is_filling(),
                self.outputs.main.monitor().map(|at| monitors::name(&at)),
            );
        }
        let caption = self.caption(now);
        self.outputs.main.set_caption(caption);
        self.outputs.tend(&self.instance, now);
        self.keep_layout(false);
        self.control.tend(&self.instance, now);
    }

    /// What the window shows beside the instrument, as one number.
    fn beside(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.desk.as_ref().map(|desk| desk.board().version()).hash(&mut hasher);
        self.clips.iter().for_each(|clip| clip.pictures.glance().hash(&mut hasher));
        self.grabs.glance().hash(&mut hasher);
        if let Some(learn) = &self.learn {
            learn.armed().hash(&mut hasher);
            for (row, at) in learn.ghosts() {
                (row.dense(), at.to_bits()).hash(&mut hasher);
            }
        }
        let minutes = |room: Duration| room.as_secs() / 60;
        self.recording_room.value().map(minutes).hash(&mut hasher);
        hasher.finish()
    }

    /// Takes in what is new of the looks, and tells their thread whether they are shown.
    fn take_looks(&mut self) {
        for news in self.looks.news.try_iter() {
            self.control.mark_stale();
            match news {
                LooksNews::Names(names) => LookCard::rename(&mut self.look_cards, names),
                LooksNews::Picture { place, name, image } => {
                    let card = self.look_cards.get_mut(place).filter(|card| card.name == name);
                    if let Some(card) = card {
                        card.picture = Some(image);
                    }
                }
            }
        }
        let late_slots = self.status.output_buffer().late_slots;
        self.looks.wish.set(self.surface.shows_looks(), late_slots);
    }

    /// What is to be read on the output: the countdown of leaving, what the demonstration says, or
    /// news, which an audience in front of a full screen does not get to see.
    fn caption(&self, now: Instant) -> Option<String> {
        let news = || {
            let is_fresh = self.latest_news.is_some_and(|at| now < at + NOTICE_SHOWN);
            let is_public = self.outputs.main.is_filling() || self.surface.is_locked();
            let line = self.news.last().filter(|_| is_fresh && !is_public)?;
            Some(line.notice.text.clone())
        };
        let hover = || {
            // An audience sees nothing of it.
            let is_public = self.outputs.main.is_filling() || self.surface.is_locked();
            self.surface.hover_line(self.clips.len()).filter(|_| !is_public)
        };
        let demo = || self.status.output_buffer().caption.as_deref().map(str::to_owned);
        self.outputs.main.countdown(now).or_else(hover).or_else(demo).or_else(news)
    }

    fn draw_control(&mut self, events: &ActiveEventLoop) {
        let armed = self.learn.as_ref().and_then(LearnDesk::armed);
        let ghosts = self.learn.as_ref().map(LearnDesk::ghosts).unwrap_or_default();
        let desk = self.desk.as_ref().map(|desk| desk.board().now()).unwrap_or_default();
        let view = View {
            registry: &self.registry,
            roles: &self.roles,
            status: self.status.output_buffer(),
            news: &self.news,
            clips: &self.clips,
            is_blank: self.greeting.is_waiting(),
            looks: &self.look_cards,
            grabs: &self.grabs,
            queue: &self.queue,
            port_lines: &self.port_lines,
            preview: None,
            keys: &self.keys,
            learn: self.learn.as_ref(),
            armed: armed.as_deref(),
            ghosts: &ghosts,
            ear: &self.ear,
            desk: &desk,
            machine: &self.machine,
            recording_room: self.recording_room.value(),
            displays: &self.displays,
            shows_card: self.outputs.shows_card(),
            is_locked: self.surface.is_locked(),
            now_secs: self.opened.elapsed().as_secs_f64(),
        };
        let mut doings = Doings::default();
        self.control.draw(view, &mut self.surface, &mut doings);
        for event in doings.events {
            self.queue.send(event);
        }
        doings.wishes.into_iter().for_each(|wish| self.grant(events, wish));
        // A show that is locked goes on for as long as nobody is there to move a mouse.
        let is_locked = self.surface.is_locked();
        if !is_locked {
            self.wake_lock = None;
        } else if self.wake_lock.is_none() {
            self.wake_lock = Some(WakeLock::take(self.notices.clone()));
        }
    }

    fn grant(&mut self, events: &ActiveEventLoop, wish: Wish) {
        match (wish, &self.desk) {
            (Wish::FillDisplay(name), _) => self.outputs.fill(events, &self.instance, &name),
            (Wish::LeaveDisplay(name), _) => self.outputs.leave(&name),
            (Wish::TestCard(is_shown), _) => self.outputs.show_card(is_shown),
            (Wish::Reveal(file), _) => reveal(&file, &self.notices),
            (Wish::Import(ask), Some(desk)) => desk.import(*ask),
            (Wish::CancelImport(id), Some(desk)) => desk.cancel(id),
            (Wish::Desk(wish), Some(desk)) => desk.wish(wish),
            (Wish::Import(_) | Wish::CancelImport(_) | Wish::Desk(_), None) => {
                self.notices.warn("nothing can be imported here");
            }
        }
    }

    /// Files over a window, let go there, or taken away again.
    fn on_file(&mut self, event: &WindowEvent) {
        match event {
            WindowEvent::HoveredFile(path) => self.surface.hover_file(path.clone()),
            WindowEvent::HoveredFileCancelled => self.surface.end_hover(),
            WindowEvent::DroppedFile(path) => self.surface.drop_file(path.clone()),
            _ => return,
        }
        self.control.mark_stale();
    }

    /// Keeps the layout where it is another than before; now and then, or at the end.
    fn keep_layout(&mut self, is_end: bool) {
        let Some((path, kept, looked)) = &mut self.layout else { return };
        if !is_end && looked.elapsed() < LAYOUT_PAUSE {
            return;
        }
        *looked = Instant::now();
        if *kept != self.surface.layout {
            kept.clone_from(&self.surface.layout);
            if let Err(error) = layout::write(path, kept) {
                log::warn!("the window's layout is not kept: {}: {error}", path.display());
            }
        }
    }
}

impl ApplicationHandler for Shell {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        let config = match std::mem::replace(&mut self.state, State::Over) {
            State::Waiting(config) => config,
            state => return self.state = state,
        };
        match Windows::open(events, self.display.clone(), *config) {
            Ok(windows) => self.state = State::Open(Box::new(windows)),
            Err(error) => {
                self.outcome = Err(error);
                events.exit();
            }
        }
    }

    fn window_event(&mut self, events: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        let State::Open(windows) = &mut self.state else { return };
        let is_control = id == windows.control.id();
        match &event {
            WindowEvent::CloseRequested if windows.surface.is_locked() => {
                windows
                    .notices
                    .warn("the surface is locked: hold its button to unlock, then close");
            }
            WindowEvent::CloseRequested if windows.outputs.close_other(id) => {}
            WindowEvent::CloseRequested if is_control || !windows.outputs.main.is_filling() => {
                return events.exit();
            }
            WindowEvent::ModifiersChanged(modifiers) => windows.modifiers = modifiers.state(),
            WindowEvent::Focused(false) => windows.on_unfocus(),
            WindowEvent::KeyboardInput { event: key, is_synthetic, .. } => {
                // While a number is typed, keys are the widget's; but what was held before is let
                // go all the same. And a key of ours must not also work a widget.
                let is_typed = is_control && windows.control.wants_keys();
                let is_press = key.state == ElementState::Pressed;
                let is_widgets = is_press && is_typed;
                if !is_widgets && windows.on_key(id, key, *is_synthetic) && is_press {
                    return;
                }
            }
            WindowEvent::RedrawRequested if is_control => windows.draw_control(events),
            WindowEvent::RedrawRequested => {
                if let Some(output) = windows.outputs.find(id) {
                    output.on_redraw();
                }
            }
            WindowEvent::Resized(size) => {
                if let Some(output) = windows.outputs.find(id) {
                    output.on_resize(*size);
                }
            }
            _ => windows.on_file(&event),
        }
        if is_control {
            windows.control.on_event(&event);
        }
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        let State::Open(windows) = &mut self.state else { return };
        if windows.quit.load(Ordering::Acquire) {
            return events.exit();
        }
        windows.tend(events);
        events.set_control_flow(ControlFlow::WaitUntil(Instant::now() + LOOK_PAUSE));
    }

    fn exiting(&mut self, _: &ActiveEventLoop) {
        if let State::Open(windows) = &mut self.state {
            windows.keep_layout(true);
        }
        // The presenter ends before the event loop and its connection do.
        self.state = State::Over;
    }
}

/// Shows a file in its folder, with whatever the desktop has for it.
fn reveal(file: &Path, notices: &Notices) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Err(error) = opener::open(folder.unwrap_or(Path::new("."))) {
        notices.warn(format!("{} cannot be shown: {error}", file.display()));
    }
}
