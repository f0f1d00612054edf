//! The `residua` program.

fn main() -> std::process::ExitCode {
    residua::cli::main()
}
