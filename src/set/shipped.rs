//! The presets that come with the program.

/// Their names and texts, in the order of their names.
pub const SHIPPED: &[(&str, &str)] = &[
    ("as_written", include_str!("../../presets/as_written.toml")),
    ("bad_line", include_str!("../../presets/bad_line.toml")),
    ("big_tiles", include_str!("../../presets/big_tiles.toml")),
    ("clouds", include_str!("../../presets/clouds.toml")),
    ("dancer", include_str!("../../presets/dancer.toml")),
    ("dusk", include_str!("../../presets/dusk.toml")),
    ("fade", include_str!("../../presets/fade.toml")),
    ("freeze", include_str!("../../presets/freeze.toml")),
    ("game_boy", include_str!("../../presets/game_boy.toml")),
    ("generation_loss", include_str!("../../presets/generation_loss.toml")),
    ("growth", include_str!("../../presets/growth.toml")),
    ("honey", include_str!("../../presets/honey.toml")),
    ("ink", include_str!("../../presets/ink.toml")),
    ("kaleidoscope", include_str!("../../presets/kaleidoscope.toml")),
    ("long_exposure", include_str!("../../presets/long_exposure.toml")),
    ("mosaic", include_str!("../../presets/mosaic.toml")),
    ("photocopy", include_str!("../../presets/photocopy.toml")),
    ("rot", include_str!("../../presets/rot.toml")),
    ("screenprint", include_str!("../../presets/screenprint.toml")),
    ("solar", include_str!("../../presets/solar.toml")),
    ("thermal", include_str!("../../presets/thermal.toml")),
    ("tunnel", include_str!("../../presets/tunnel.toml")),
    ("vhs", include_str!("../../presets/vhs.toml")),
];

/// The text of one of them.
pub fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn every_file_is_there_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("presets")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .collect();
        names.sort();
        assert_eq!(SHIPPED.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    }
}
