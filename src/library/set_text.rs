//! The text of a set, with other paths in it and nothing else changed.

use crate::{
    set::{Named, clip_tables, put_value, replace_paths},
    units::Canvas,
};
use toml_edit::DocumentMut;

/// Where a clip of a set is.
pub(super) enum Place {
    /// A clip folder, which has the backward stream in it, from the set's folder.
    Folder(String),
    /// Its source, and one of its own for the backward stream.
    Sources(Source, Option<Source>),
}

/// A source, and what it is found by where it is not at its path.
pub(super) struct Source {
    /// Where it is here.
    pub path: String,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub hash: String,
}

/// A set as it is written, comments and order included.
pub(super) struct SetText(DocumentMut);

impl SetText {
    /// Reads it. The error is a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let first_line = |error: toml_edit::TomlError| {
            error.message().lines().next().unwrap_or("not TOML").to_owned()
        };
        text.parse().map(Self).map_err(first_line)
    }

    /// Gives the clips other places, in their order.
    pub fn give_clips(&mut self, places: &[Place]) -> Result<(), String> {
        let mut clips = clip_tables(&mut self.0);
        if clips.len() != places.len() {
            return Err("its clips are other ones".to_owned());
        }
        for (clip, place) in clips.iter_mut().zip(places) {
            let mut put = |key: &str, text: &str| put_value(*clip, key, text.into());
            match place {
                Place::Folder(path) => {
                    put("path", path);
                    clip.remove("backward");
                }
                Place::Sources(forward, backward) => {
                    put("path", &forward.path);
                    put("hash", &forward.hash);
                    if let Some(backward) = backward {
                        put("backward", &backward.path);
                        put("backward_hash", &backward.hash);
                    }
                }
            }
        }
        Ok(())
    }

    /// Hands over everything that it names, and writes what comes back in its place.
    pub fn take_files<E>(
        &mut self,
        take: &mut dyn FnMut(Named, &str) -> Result<String, E>,
    ) -> Result<(), E> {
        replace_paths(&mut self.0, take)
    }

    /// The text. Elsewhere the canvas could be another by default, and the clips would not fit: it
    /// is written where it is missing.
    pub fn finish(self, canvas: Canvas) -> String {
        match self.0.contains_key("canvas") {
            true => self.0.to_string(),
            false => format!("canvas = \"{canvas}\"\n\n{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    const SET: &str = "\
# Friday night.
tables = \"worst.jpg\" # of a bad camera
presets = ['looks/dusk.toml', \"ink\"] # two

[[clip]] # the slow one
path = \"a.mp4\" # seen twice
backward = \"b.mp4\"
positions = \"lists/a.txt\" # by hand

# The other.
[[clip]]
path = '/videos/c.mp4'
encoder = \"libx264\"

[grabs]
1 = \"face.png\" # hers
3 = '/stills/moon.jpg'

[values]
\"decay.feedback\" = 0.9 # soft
";

    fn rewritten(text: &str, places: &[&str], canvas: Canvas) -> Result<String, String> {
        let places: Vec<Place> =
            places.iter().map(|place| Place::Folder((*place).to_owned())).collect();
        let mut set = SetText::parse(text)?;
        set.give_clips(&places)?;
        let mut take = |named, path: &str| {
            if matches!(named, Named::Clip | Named::Backward) {
                return Ok(path.to_owned());
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            Ok::<_, Infallible>(format!("{named:?}/{name}"))
        };
        match set.take_files(&mut take) {
            Ok(()) => Ok(set.finish(canvas)),
        }
    }

    #[test]
    fn only_the_paths_change() {
        let places = ["clips/a-0", "clips/c-1"];
        let found = rewritten(SET, &places, Canvas::DEFAULT).expect("a set");
        let expected = "\
canvas = \"1280x720@30\"

# Friday night.
tables = \"Tables/worst.jpg\" # of a bad camera
presets = [\"Preset/dusk.toml\", \"Preset/ink\"] # two

[[clip]] # the slow one
path = \"clips/a-0\" # seen twice
positions = \"Positions/a.txt\" # by hand

# The other.
[[clip]]
path = \"clips/c-1\"
encoder = \"libx264\"

[grabs]
1 = \"Still/face.png\" # hers
3 = \"Still/moon.jpg\"

[values]
\"decay.feedback\" = 0.9 # soft
";
        assert_eq!(found, expected);
        let again = rewritten(expected, &places, Canvas::DEFAULT_CPU).expect("a set");
        assert_eq!(again, expected, "a canvas that is there stays");
        assert!(rewritten(SET, &places[..1], Canvas::DEFAULT).is_err());
        assert!(rewritten(SET, &[places, places].concat(), Canvas::DEFAULT).is_err());
    }

    #[test]
    fn inline_tables_are_rewritten_too() {
        let set = "canvas = \"64x64@30\"\n\
                   clip = [{ path = \"a.mp4\", backward = \"b.mp4\" }] # one\n\
                   grabs = { 2 = \"moon.jpg\" }\n";
        let found = rewritten(set, &["clips/a-0"], Canvas::DEFAULT).expect("a set");
        let expected = "canvas = \"64x64@30\"\n\
                        clip = [{ path = \"clips/a-0\"}] # one\n\
                        grabs = { 2 = \"Still/moon.jpg\" }\n";
        assert_eq!(found, expected);
    }

    #[test]
    fn sources_stand_in_the_place_of_clips() {
        let source = |path: &str, hash: &str| Source { path: path.into(), hash: hash.into() };
        let places = [
            Place::Sources(source("/v/a.mp4", "0a"), Some(source("/v/b.mp4", "0b"))),
            Place::Sources(source("/v/c.mp4", "0c"), None),
        ];
        let text = "[[clip]] # slow\npath = \"a.mp4\" # seen\nbackward = \"b.mp4\" # back\n\
                    hash = \"old\"\n\n[[clip]]\npath = \"clips/c\"\n";
        let mut set = SetText::parse(text).expect("a set");
        set.give_clips(&places).expect("its clips");
        let expected = "canvas = \"64x64@30\"\n\n\
                        [[clip]] # slow\npath = \"/v/a.mp4\" # seen\n\
                        backward = \"/v/b.mp4\" # back\nhash = \"0a\"\nbackward_hash = \"0b\"\n\n\
                        [[clip]]\npath = \"/v/c.mp4\"\nhash = \"0c\"\n";
        assert_eq!(set.finish("64x64@30".parse().expect("a canvas")), expected);
    }
}
