//! The `residua` program.

fn main() {}
