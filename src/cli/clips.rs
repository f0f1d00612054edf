//! `residua clips`: the library's clips, listed and looked after.

use super::{
    interrupt,
    options::{ClipsCommand, ClipsListOptions, ClipsOptions, LibraryOption, PruneOptions},
    out, without_advice,
};
use crate::{
    clip::PREVIEW,
    engine,
    library::{self, Entry, Kept, Library, LibraryError, Prunable, PrunePlan, PruneRules, State},
    media,
    set::Set,
    units::{age_text, bytes_text as size},
};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::{
    fs,
    ops::ControlFlow,
    path::PathBuf,
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

pub fn run(options: &ClipsOptions) -> Result<()> {
    match &options.command {
        None => list(&options.list),
        Some(ClipsCommand::List(options)) => list(options),
        Some(ClipsCommand::Show { clip, library }) => show(&open(library)?, clip),
        Some(ClipsCommand::Verify { clips, repair, library }) => {
            verify(&open(library)?, clips, *repair)
        }
        Some(ClipsCommand::Remove { clips, library }) => remove(&open(library)?, clips),
        Some(ClipsCommand::Prune(options)) => prune(options),
        Some(ClipsCommand::Rename { clip, title, library }) => {
            let library = open(library)?;
            let entry = library.find(clip)?;
            let title = title.trim();
            if title.chars().any(char::is_control) {
                bail!("a title is one line of text: leave out line breaks and control characters");
            }
            let meta = library.relabel(&entry, |name, _| {
                *name = (!title.is_empty()).then(|| title.to_owned());
            })?;
            out::print(&format!("{} is {} now\n", entry.name, meta.name()))
        }
        Some(ClipsCommand::Tag { clip, tags, remove, library }) => {
            // `-slow` takes a tag away, so whatever follows the first tag is taken for one.
            let (tags, library, is_late_remove) = late_options(tags, library)?;
            tag(&open(&library)?, clip, &tags, *remove || is_late_remove)
        }
    }
}

/// The options among the tags, with what is left of the tags.
fn late_options(
    words: &[String],
    library: &LibraryOption,
) -> Result<(Vec<String>, LibraryOption, bool)> {
    let (mut tags, mut library, mut is_remove) = (Vec::new(), library.library.clone(), false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (word.as_str(), word.strip_prefix("--library=")) {
            ("--remove", _) => is_remove = true,
            ("--library", _) => match words.next() {
                Some(root) => library = Some(root.into()),
                None => bail!("--library needs a folder"),
            },
            (_, Some(root)) => library = Some(root.into()),
            (option, _) if option.starts_with("--") => bail!("'{option}' is no option of tag"),
            _ => tags.push(word.clone()),
        }
    }
    Ok((tags, LibraryOption { library }, is_remove))
}

/// The library that was asked for, or the user's own. One that was named must be there: a slip of
/// the keyboard would make a new one.
fn open(option: &LibraryOption) -> Result<Library> {
    let root = match &option.library {
        Some(root) if !root.is_dir() => bail!("there is no library {}", root.display()),
        Some(root) => root.clone(),
        None => Library::default_root()?,
    };
    Ok(Library::open(&root)?)
}

fn list(options: &ClipsListOptions) -> Result<()> {
    let library = open(&options.library)?;
    let mut entries = library.entries()?;
    if let Some(tag) = &options.tag {
        entries.retain(|entry| entry.tags().contains(tag));
    }
    let now = SystemTime::now();
    if options.json {
        let array: serde_json::Value = entries.iter().map(|entry| object(entry, now)).collect();
        return out::print(&(serde_json::to_string_pretty(&array)? + "\n"));
    }
    if entries.is_empty() {
        let tagged = options.tag.as_ref().map_or(String::new(), |tag| format!(" tagged {tag}"));
        return out::print(&format!("no clips{tagged} in {}\n", library.root().display()));
    }
    let rows: Vec<[String; 9]> = entries.iter().map(|entry| columns(entry, now)).collect();
    let mut table = String::new();
    for (entry, row) in entries.iter().zip(&rows) {
        for (place, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
            table += &format!("{cell:width$}  ");
        }
        let tags = entry.tags().iter().map(|tag| format!("+{tag}")).collect::<Vec<_>>();
        table += &tags.join(" ");
        if let State::Damaged(why) = &entry.state {
            table += &format!(" DAMAGED: {}", why.to_string().replace('\n', " "));
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    let bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
    table += &format!("{} clips, {}\n", entries.len(), size(bytes));
    out::print(&table)
}

/// Digits, name, pictures, length, canvas, encoder, how long damage lives, bytes, age.
fn columns(entry: &Entry, now: SystemTime) -> [String; 9] {
    let none = || "-".to_owned();
    let meta = entry.meta();
    let of_meta = |text: fn(&crate::clip::Meta) -> String| meta.map_or_else(none, text);
    [
        entry.short_id(),
        entry.name.clone(),
        of_meta(|meta| meta.forward.units.to_string()),
        of_meta(|meta| format!("{:.1} s", meta.length_secs())),
        of_meta(|meta| meta.canvas.to_string()),
        of_meta(|meta| meta.coding.encoder.to_string()),
        meta.and_then(crate::clip::Meta::hold_badge).map_or_else(none, |badge| badge.to_string()),
        size(entry.bytes),
        age(entry, now).map_or_else(none, |age| age_text(age.as_secs())),
    ]
}

fn object(entry: &Entry, now: SystemTime) -> serde_json::Value {
    let meta = entry.meta();
    let reason = match &entry.state {
        State::Whole(_) => None,
        State::Damaged(why) => Some(why.to_string()),
    };
    json!({
        "id": entry.id(),
        "folder": entry.folder,
        "name": entry.name,
        "tags": entry.tags(),
        "damaged": reason,
        "source": meta.map(|meta| &meta.source_path),
        "pictures": meta.map(|meta| meta.forward.units),
        "length_secs": meta.map(crate::clip::Meta::length_secs),
        "canvas": meta.map(|meta| meta.canvas.to_string()),
        "fit": meta.map(|meta| meta.fit.name()),
        "encoder": meta.map(|meta| meta.coding.encoder.name()),
        "hold": meta.and_then(crate::clip::Meta::hold_badge).map(crate::clip::Mosh::name),
        "mosh_hold": meta.map(|meta| &meta.mosh_hold),
        "bytes": entry.bytes,
        "unused_secs": age(entry, now).map(|age| age.as_secs()),
    })
}

/// Time since the clip was used last.
fn age(entry: &Entry, now: SystemTime) -> Option<Duration> {
    entry.last_used.map(|used| now.duration_since(used).unwrap_or_default())
}

fn show(library: &Library, clip: &str) -> Result<()> {
    let entry = library.find(clip)?;
    let mut text = format!("{}\n{}\n", entry.name, entry.folder.display());
    let mut line = |name: &str, value: String| text += &format!("  {name:12}{value}\n");
    match &entry.state {
        State::Damaged(why) => line("damaged", why.to_string()),
        State::Whole(meta) => {
            let backward = meta.backward_source.as_ref();
            let hold = meta
                .mosh_hold
                .iter()
                .map(|point| format!("{:.2} after {} s", point.correlation, point.after_secs));
            let badge = meta.hold_badge().map_or("too short to tell", crate::clip::Mosh::name);
            line("source", meta.source_path.clone());
            line("backward", backward.cloned().unwrap_or_else(|| "the source reversed".to_owned()));
            line("pictures", format!("{} ({:.1} s)", meta.forward.units, meta.length_secs()));
            line("canvas", format!("{}, {}", meta.canvas, meta.fit));
            line("encoder", meta.settings.clone());
            line("damage", badge.to_owned());
            line("mosh hold", hold.collect::<Vec<_>>().join(", "));
            for warning in &meta.warnings {
                line("warning", warning.clone());
            }
        }
    }
    let preview = matches!(entry.state, State::Whole(_)).then(|| library::preview(&entry.folder));
    match preview {
        Some(Ok(_)) => line("preview", entry.folder.join(PREVIEW).display().to_string()),
        Some(Err(why)) => line("preview", format!("none: {why}")),
        None => {}
    }
    line("tags", entry.tags().join(", "));
    line("bytes", size(entry.bytes));
    let used = age(&entry, SystemTime::now());
    line("used", used.map_or_else(|| "unknown".to_owned(), |age| age_text(age.as_secs())));
    out::print(&text)
}

/// The clips that were named; all where none was.
fn named(library: &Library, clips: &[String]) -> Result<Vec<Entry>> {
    if clips.is_empty() {
        return Ok(library.entries()?);
    }
    clips.iter().map(|clip| Ok(library.find(clip)?)).collect()
}

fn verify(library: &Library, clips: &[String], repair: bool) -> Result<()> {
    let entries = named(library, clips)?;
    let quit = interrupt::flag()?;
    if repair {
        media::init()?;
    }
    let mut damaged = 0;
    for entry in &entries {
        if quit.load(Ordering::Relaxed) {
            bail!("stopped: nothing was left half-done");
        }
        let name = format!("{} {}", entry.short_id(), entry.name);
        let Err(damage) = entry.verify() else {
            out::print(&format!("{name}: ok\n"))?;
            continue;
        };
        let mut mended = Ok(false);
        if repair {
            let mut tell = |_| match quit.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            mended = library.repair_from(&entry.folder, &damage, &mut tell).map(|_| true);
        }
        let damage = damage.to_string();
        match mended {
            Ok(true) => {
                let damage = without_advice(&damage);
                out::print(&format!("{name}: was damaged, imported again ({damage})\n"))?;
            }
            Ok(false) => {
                damaged += 1;
                out::print(&format!("{name}: DAMAGED: {damage}\n"))?;
            }
            Err(why) => {
                damaged += 1;
                let damage = without_advice(&damage);
                out::print(&format!("{name}: DAMAGED: {damage}; not repaired: {why}\n"))?;
            }
        }
    }
    match damaged {
        0 => Ok(()),
        _ => bail!("{damaged} of {} clips damaged", entries.len()),
    }
}

fn remove(library: &Library, clips: &[String]) -> Result<()> {
    // All names are looked up first, so that a wrong one removes nothing.
    for entry in named(library, clips)? {
        library.remove(&entry.folder)?;
        out::print(&format!(
            "removed {} {}, {}\n",
            entry.short_id(),
            entry.name,
            size(entry.bytes)
        ))?;
    }
    Ok(())
}

fn tag(library: &Library, clip: &str, tags: &[String], remove: bool) -> Result<()> {
    let entry = library.find(clip)?;
    let mut changes = Vec::new();
    for tag in tags {
        let (is_added, word) = match (tag.strip_prefix('+'), tag.strip_prefix('-')) {
            (Some(word), _) => (!remove, word),
            (_, Some(word)) => (false, word),
            _ => (!remove, tag.as_str()),
        };
        if word.is_empty() || word.chars().any(char::is_whitespace) {
            bail!("'{tag}' is no tag: write a word, such as +slow or -slow");
        }
        changes.push((is_added, word));
    }
    let meta = library.relabel(&entry, |_, tags| {
        for (is_added, word) in changes {
            tags.retain(|tag| tag != word);
            if is_added {
                tags.push(word.to_owned());
            }
        }
        tags.sort();
    })?;
    out::print(&format!("{}: {}\n", entry.name, meta.tags.join(" ")))
}

fn prune(options: &PruneOptions) -> Result<()> {
    let library = open(&options.library)?;
    let registry = engine::registry()?;
    let mut sets: Vec<PathBuf> = options.keep.clone();
    if let Some(folder) = &options.sets_dir {
        let files = fs::read_dir(folder)
            .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
        let is_set = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml");
        sets.extend(files.flatten().map(|file| file.path()).filter(is_set));
    }
    // Nothing goes before it is known what all of them need.
    let mut kept = Kept::default();
    for set in &sets {
        let set = Set::read(&registry, set).context("nothing was removed")?;
        kept.add(&set.clips).context("nothing was removed")?;
    }
    let rules = PruneRules { unused_for: options.older_than, keep_below_bytes: options.keep_below };
    let (entries, videos) = (library.entries()?, library.resamples()?);
    let plan = PrunePlan::new(entries, videos, rules, &kept, SystemTime::now());
    let (mut left, mut failed) = (plan.bytes_left, 0);
    let verb = if options.dry_run { "would remove" } else { "removed" };
    for what in &plan.removed {
        let name = match what {
            Prunable::Clip(entry) => format!("{} {}", entry.short_id(), entry.name),
            Prunable::Resample(video) => format!("the resample {}", video.name()),
        };
        let name = format!("{name}, {}", size(what.bytes()));
        let remove = || match what {
            Prunable::Clip(entry) => library.remove(&entry.folder),
            Prunable::Resample(video) => library.remove_resample(video),
        };
        if !options.dry_run
            && let Err(error) = remove()
        {
            // One that another process is loading stays, and takes no other with it.
            match error {
                LibraryError::Busy { .. } => out::print(&format!("kept {name}: {error}\n"))?,
                error => {
                    eprintln!("residua: {error}");
                    failed += 1;
                }
            }
            left += what.bytes();
            continue;
        }
        out::print(&format!("{verb} {name}\n"))?;
    }
    let spared = match plan.spared {
        0 => String::new(),
        count => format!("; {count} kept for sets"),
    };
    out::print(&format!("{} left{spared}\n", size(left)))?;
    match failed {
        0 => Ok(()),
        _ => bail!("{failed} of {} could not be removed", plan.removed.len()),
    }
}
