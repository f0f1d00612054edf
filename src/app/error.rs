//! Why there are no windows.

/// Why the windows could not be opened, or had to be closed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No reader of the programme was handed over: a mistake in the program.
    #[error("there is no programme to show")]
    NoReader,
    /// No window system can be reached.
    #[error("no display to open windows on ({0}): run with --headless, or in a desktop session")]
    NoDisplay(String),
    /// `--display` names none that is there.
    #[error("no display is called '{name}': the displays here are {known}")]
    UnknownDisplay {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The window system refused a window.
    #[error("a window could not be opened: {0}")]
    Window(#[from] winit::error::OsError),
    /// The window cannot be drawn to.
    #[error(
        "the window cannot be drawn to: {0}; a Vulkan driver is needed, such as mesa-vulkan-drivers"
    )]
    Surface(#[from] wgpu::CreateSurfaceError),
    /// No adapter draws to the window.
    #[error(
        "no graphics adapter for the window: {0}; install a Vulkan driver, such as mesa-vulkan-drivers"
    )]
    Adapter(#[from] wgpu::RequestAdapterError),
    /// The adapter gave no device.
    #[error("the graphics device could not be opened: {0}")]
    Device(#[from] wgpu::RequestDeviceError),
    /// The surface takes sRGB formats only.
    #[error(
        "the window takes no 8-bit picture format that is not sRGB: try another graphics driver"
    )]
    Format,
    /// The presenter's thread could not be started.
    #[error("the thread of the output could not be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The event loop ended by itself.
    #[error("the window system ended the program: {0}")]
    EventLoop(#[from] winit::error::EventLoopError),
}
