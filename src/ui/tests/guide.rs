//! From nothing to a moshed picture.

use super::*;

/// A window that begins without a clip, as the program begins it, or with none at all.
fn nothing(is_blank: bool) -> Bench {
    let mut bench = Bench::stage();
    let studio = bench.studio();
    studio.is_blank = is_blank;
    studio.clips.truncate(usize::from(is_blank));
    if !is_blank {
        studio.status.clip = None;
    }
    studio.status.is_clean = true;
    bench.run();
    bench
}

const PRESS: &str = "Drag along the strip, or hold Melt";
const HIDE: &str = "Hide the hint";

#[test]
fn three_steps_lead_to_a_moshed_picture() {
    for is_blank in [true, false] {
        let mut bench = nothing(is_blank);
        assert!(bench.has("Drop a video on this window") && bench.has("It plays at once"));
        bench.look("guide-1");
        // A clip comes in; what it leaves on the blank is not the person's doing.
        let studio = bench.studio();
        studio.is_blank = false;
        studio.clips.push(card("beach"));
        let place = studio.clips.len() - 1;
        studio.status.clip = Some(ClipIndex(place as u16));
        studio.status.is_clean = false;
        bench.run();
        assert!(!bench.has("Drop a video") && bench.has(PRESS));
        bench.studio().status.is_clean = true;
        bench.run();
        assert!(bench.has(PRESS));
        bench.look("guide-3");
        // The strip and the pad do what is said of them.
        let melt = bench.find("mosh.melt");
        assert_eq!(bench.click("Melt")[0].param, melt);
        bench.studio().status.is_clean = false;
        bench.run();
        assert!(!bench.has(PRESS));
        // And it never comes back.
        bench.studio().status.is_clean = true;
        bench.run();
        assert!(!bench.has(PRESS));
    }
}

#[test]
fn a_path_can_be_written_instead() {
    let mut bench = nothing(true);
    bench.click("or write where it is");
    let layout = &bench.studio().surface.layout;
    assert_eq!((layout.mode, layout.page), (Mode::Prepare, Page::Import));
}

#[test]
fn the_hint_can_be_hidden_and_nobody_with_clips_sees_it() {
    let mut bench = nothing(true);
    bench.studio().is_blank = false;
    bench.studio().clips.push(card("beach"));
    bench.run();
    bench.click(HIDE);
    assert!(!bench.has(PRESS));
    let mut bench = Bench::stage();
    bench.studio().status.is_clean = true;
    bench.run();
    assert!(!bench.has(PRESS) && !bench.has("Drop a video"));
}
