//! One display: a thread that shows the newest programme at that display's pace.

use super::{Overlay, Painter, ProgrammeReader};
use crate::{ports::Notices, units::Picture};
use crossbeam::queue::ArrayQueue;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long the presenter sleeps where nothing is new: a quarter of a frame at 60 Hz.
const POLL: Duration = Duration::from_millis(4);
/// Pause where the surface cannot be drawn to just now (being resized, hidden).
const SURFACE_PAUSE: Duration = Duration::from_millis(10);
/// Pause before a presenter that failed starts again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
/// A failure this soon after a restart is the same trouble, and is not said again.
const SAME_TROUBLE: Duration = Duration::from_secs(10);

/// What a presenter needs.
pub struct PresenterConfig {
    /// What to call this display in notices.
    pub name: String,
    /// The instance that made the surface.
    pub instance: wgpu::Instance,
    /// The window's surface, made on the main thread. It keeps its window alive.
    pub surface: wgpu::Surface<'static>,
    /// The window's size in pixels.
    pub size: (u32, u32),
    /// Where the programme comes from.
    pub programme: ProgrammeReader,
    /// Where failures are told.
    pub notices: Notices,
}

/// What the main thread and the presenter share. No call of the main thread waits.
struct Shared {
    size: AtomicU64,
    overlay: ArrayQueue<Option<Arc<Overlay>>>,
    card: ArrayQueue<Option<Arc<Picture>>>,
    surface: ArrayQueue<wgpu::Surface<'static>>,
    wants_surface: AtomicBool,
    must_redraw: AtomicBool,
    quit: AtomicBool,
    presented: AtomicU64,
}

/// The main thread's hand on a presenter. Dropping it ends the thread, then the surface is gone.
pub struct Presenter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Presenter {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn spawn(config: PresenterConfig) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            size: AtomicU64::new(packed(config.size)),
            overlay: ArrayQueue::new(1),
            card: ArrayQueue::new(1),
            surface: ArrayQueue::new(1),
            wants_surface: AtomicBool::new(false),
            must_redraw: AtomicBool::new(true),
            quit: AtomicBool::new(false),
            presented: AtomicU64::new(0),
        });
        let mut worker = Worker {
            shared: shared.clone(),
            name: config.name,
            instance: config.instance,
            surface: Some(config.surface),
            programme: config.programme,
            notices: config.notices,
            picture: None,
            card: None,
            overlay: None,
        };
        let thread =
            thread::Builder::new().name("presenter".to_owned()).spawn(move || worker.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The window has this size now, in pixels.
    pub fn resize(&self, size: (u32, u32)) {
        self.shared.size.store(packed(size), Ordering::Relaxed);
        self.redraw();
    }

    /// The window must be drawn again, with or without a new picture.
    pub fn redraw(&self) {
        self.shared.must_redraw.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Lays this over the programme on this display, or nothing.
    pub fn set_overlay(&self, overlay: Option<Arc<Overlay>>) {
        self.shared.overlay.force_push(overlay);
        self.redraw();
    }

    /// Shows this in place of the programme on this display, or the programme again.
    pub fn set_card(&self, card: Option<Arc<Picture>>) {
        self.shared.card.force_push(card);
        self.redraw();
    }

    /// Whether the surface was lost and a new one is wanted (see [`Self::give_surface`]).
    pub fn wants_surface(&self) -> bool {
        self.shared.wants_surface.load(Ordering::Acquire)
    }

    /// A new surface of the same window, made on the main thread.
    pub fn give_surface(&self, surface: wgpu::Surface<'static>) {
        self.shared.wants_surface.store(false, Ordering::Release);
        self.shared.surface.force_push(surface);
    }

    /// Pictures given to the display so far.
    pub fn presented(&self) -> u64 {
        self.shared.presented.load(Ordering::Relaxed)
    }
}

impl Drop for Presenter {
    fn drop(&mut self) {
        self.shared.quit.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread contains its panics, so there is nothing to learn from the result.
            let _ = thread.join();
        }
    }
}

fn packed((width, height): (u32, u32)) -> u64 {
    u64::from(width) << 32 | u64::from(height)
}

/// Why a session with a device ended before it was told to.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error("no graphics adapter can draw to it: {0}")]
    Adapter(#[from] wgpu::RequestAdapterError),
    #[error("the graphics device could not be opened: {0}")]
    Device(#[from] wgpu::RequestDeviceError),
    #[error("it takes no picture format that is not sRGB")]
    Format,
    #[error("its surface was lost")]
    Surface,
    #[error("the graphics device failed: {0}")]
    Failed(String),
}

struct Worker {
    shared: Arc<Shared>,
    name: String,
    instance: wgpu::Instance,
    surface: Option<wgpu::Surface<'static>>,
    programme: ProgrammeReader,
    notices: Notices,
    picture: Option<Arc<Picture>>,
    /// Shown in the programme's place.
    card: Option<Arc<Picture>>,
    overlay: Option<Arc<Overlay>>,
}

impl Worker {
    fn run(&mut self) {
        let mut last_trouble: Option<Instant> = None;
        while !self.has_quit() {
            let trouble = match catch_unwind(AssertUnwindSafe(|| self.session())) {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "its presenter failed".to_owned(),
            };
            if last_trouble.is_none_or(|last| last.elapsed() > SAME_TROUBLE) {
                let name = &self.name;
                self.notices.warn(format!("{name} shows nothing for a moment: {trouble}"));
            }
            last_trouble = Some(Instant::now());
            self.surface = None;
            self.shared.wants_surface.store(true, Ordering::Release);
            while self.surface.is_none() && !self.has_quit() {
                thread::park_timeout(RESTART_PAUSE);
                self.surface = self.shared.surface.pop();
            }
        }
    }

    fn has_quit(&self) -> bool {
        self.shared.quit.load(Ordering::Acquire)
    }

    /// What is to be seen: the card, or the newest programme.
    fn shown(&self) -> Option<&Arc<Picture>> {
        self.card.as_ref().or(self.picture.as_ref())
    }

    fn size(&self) -> (u32, u32) {
        let packed = self.shared.size.load(Ordering::Relaxed);
        ((packed >> 32) as u32, packed as u32)
    }

    /// Shows pictures with one device until told to quit.
    fn session(&mut self) -> Result<(), SessionError> {
        let Some(surface) = self.surface.take() else { return Err(SessionError::Surface) };
        let (device, queue, mut config) = open(&self.instance, &surface, self.size())?;
        let failure = watch(&device);
        let largest = device.limits().max_texture_dimension_2d;
        let mut painter = Painter::new(&device, config.format);
        let mut is_configured = false;
        if let Some(picture) = self.shown() {
            painter.set_picture(&device, &queue, picture);
        }
        painter.set_overlay(&device, &queue, self.overlay.as_deref());
        self.shared.must_redraw.store(true, Ordering::Release);
        while !self.has_quit() {
            if let Some(failure) = failure.get() {
                return Err(SessionError::Failed(failure.clone()));
            }
            let mut is_new = self.shared.must_redraw.swap(false, Ordering::AcqRel);
            if let Some(overlay) = self.shared.overlay.pop() {
                painter.set_overlay(&device, &queue, overlay.as_deref());
                self.overlay = overlay;
                is_new = true;
            }
            let (card, picture) = (self.shared.card.pop(), self.programme.take());
            let is_changed = card.is_some() || (picture.is_some() && self.card.is_none());
            self.picture = picture.or(self.picture.take());
            self.card = card.unwrap_or(self.card.take());
            if let Some(shown) = self.shown().filter(|_| is_changed) {
                painter.set_picture(&device, &queue, shown);
                is_new = true;
            }
            let (width, height) = self.size();
            if !is_new || width == 0 || height == 0 {
                thread::park_timeout(POLL);
                continue;
            }
            let size = (width.min(largest), height.min(largest));
            if !is_configured || (config.width, config.height) != size {
                (config.width, config.height) = size;
                surface.configure(&device, &config);
                is_configured = true;
            }
            use wgpu::CurrentSurfaceTexture as Current;
            let (texture, is_current) = match surface.get_current_texture() {
                Current::Success(texture) => (texture, true),
                Current::Suboptimal(texture) => (texture, false),
                Current::Lost => return Err(SessionError::Surface),
                Current::Outdated => {
                    is_configured = false;
                    self.later();
                    continue;
                }
                Current::Timeout | Current::Occluded | Current::Validation => {
                    self.later();
                    continue;
                }
            };
            let view = texture.texture.create_view(&Default::default());
            let mut encoder = device.create_command_encoder(&Default::default());
            painter.draw(&mut encoder, &view, size);
            queue.submit([encoder.finish()]);
            queue.present(texture);
            self.shared.presented.fetch_add(1, Ordering::Relaxed);
            is_configured = is_current;
        }
        Ok(())
    }

    /// The surface was not to be had: try again soon.
    fn later(&self) {
        self.shared.must_redraw.store(true, Ordering::Release);
        thread::park_timeout(SURFACE_PAUSE);
    }
}

/// A device that can draw to the surface, and how the surface is to be configured.
fn open(
    instance: &wgpu::Instance,
    surface: &wgpu::Surface<'_>,
    (width, height): (u32, u32),
) -> Result<(wgpu::Device, wgpu::Queue, wgpu::SurfaceConfiguration), SessionError> {
    let options =
        wgpu::RequestAdapterOptions { compatible_surface: Some(surface), ..Default::default() };
    let adapter = pollster::block_on(instance.request_adapter(&options))?;
    let descriptor = wgpu::DeviceDescriptor { label: Some("presenter"), ..Default::default() };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))?;
    let mut config = surface
        .get_default_config(&adapter, width.max(1), height.max(1))
        .ok_or(SessionError::Format)?;
    let formats = surface.get_capabilities(&adapter).formats;
    config.format = super::plain_format(&formats).ok_or(SessionError::Format)?;
    // Waits for the display and never tears; the wait holds this thread only.
    config.present_mode = wgpu::PresentMode::Fifo;
    Ok((device, queue, config))
}

/// The first trouble the device reports outside of calls, once there is any; wgpu's own handler
/// would panic.
pub fn watch(device: &wgpu::Device) -> Arc<OnceLock<String>> {
    let failure = Arc::new(OnceLock::new());
    let (uncaptured, lost) = (failure.clone(), failure.clone());
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let _ = uncaptured.set(error.to_string());
    }));
    device.set_device_lost_callback(move |reason, text| {
        if reason != wgpu::DeviceLostReason::Destroyed {
            let _ = lost.set(text);
        }
    });
    failure
}
