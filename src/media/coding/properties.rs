//! Options that are properties of a GStreamer element, looked at before the element sees them: it would
//! take the nearest value that it knows, and say nothing.

use super::{CodingError, Property};
use crate::clip::Encoder;
use gstreamer as gst;
use gstreamer::{glib, prelude::*};

/// Properties that are nobody's business here, and are not listed either.
const HIDDEN: &[&str] = &[
    "name",
    "parent",
    "qos",
    "min-force-key-unit-interval",
    "multipass-cache-file",
    "debug",
    "dump-separator",
];

/// What goes for the properties of one encoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) encoder: Encoder,
    /// Properties that cannot be set, with the reason.
    pub(super) refused: &'a [(&'static str, &'static str)],
    /// Other names for properties.
    pub(super) aliases: &'a [(&'static str, &'static str)],
    /// An option that is no property.
    pub(super) extra: &'static str,
}

/// One option as a property of the element, checked.
pub(super) fn checked(
    rules: &Rules<'_>,
    element: &gst::Element,
    name: &str,
    value: &str,
) -> Result<Property, CodingError> {
    let given = name.replace('_', "-");
    let alias = rules.aliases.iter().find(|(alias, _)| *alias == given);
    let own = alias.map_or(given.as_str(), |(_, own)| own);
    let refused =
        |reason| CodingError::Refused { name: own.to_owned(), value: value.to_owned(), reason };
    if let Some((_, reason)) = rules.refused.iter().find(|(refused, _)| *refused == own) {
        return Err(refused(reason));
    }
    let spec = (!HIDDEN.contains(&own)).then(|| element.find_property(own)).flatten();
    let Some(spec) = spec else {
        return Err(CodingError::Unknown {
            encoder: rules.encoder,
            name: name.to_owned(),
            known: known(rules, element),
        });
    };
    let has = |words: &[&str]| words.iter().any(|word| value.contains(word));
    match own {
        "max-bframes" | "bframes" | "b-frames" if value != "0" => {
            let reason = "B pictures come out late and in another order, so they cannot be spliced";
            return Err(refused(reason));
        }
        "flags" if has(&["global", "ildct", "ilme"]) => {
            return Err(refused("headers belong into the stream, and fields cannot be spliced"));
        }
        "flags2" if has(&["noout", "chunks", "local"]) => {
            return Err(refused("each picture must come out whole, and once"));
        }
        _ => {}
    }
    let text = value.trim().trim_start_matches('+');
    let is_good = glib::Value::deserialize_with_pspec(text, &spec)
        .is_ok_and(|value| is_within(&spec, &value));
    if is_good {
        return Ok((spec.name(), text.to_owned()));
    }
    Err(CodingError::Value { name: own.to_owned(), value: value.to_owned(), wanted: wanted(&spec) })
}

/// Whether a number lies within a property's bounds; whatever is no number does.
fn is_within(spec: &glib::ParamSpec, value: &glib::Value) -> bool {
    if let (Some(spec), Ok(number)) = (spec.downcast_ref::<glib::ParamSpecInt>(), value.get()) {
        return (spec.minimum()..=spec.maximum()).contains(&number);
    }
    if let (Some(spec), Ok(number)) =
        (spec.downcast_ref::<glib::ParamSpecUInt>(), value.get::<u32>())
    {
        return (spec.minimum()..=spec.maximum()).contains(&number);
    }
    if let (Some(spec), Ok(number)) =
        (spec.downcast_ref::<glib::ParamSpecInt64>(), value.get::<i64>())
    {
        return (spec.minimum()..=spec.maximum()).contains(&number);
    }
    if let (Some(spec), Ok(number)) = (spec.downcast_ref::<glib::ParamSpecFloat>(), value.get()) {
        return (spec.minimum()..=spec.maximum()).contains(&number);
    }
    true
}

/// What a property may be.
fn wanted(spec: &glib::ParamSpec) -> String {
    let kind = spec.value_type();
    if let Some(class) = glib::EnumClass::with_type(kind) {
        let words: Vec<&str> = class.values().iter().map(glib::EnumValue::nick).collect();
        return format!("one of {}", words.join(", "));
    }
    if let Some(class) = glib::FlagsClass::with_type(kind) {
        let words: Vec<&str> = class.values().iter().map(glib::FlagsValue::nick).collect();
        return format!("some of {}, with + between", words.join(", "));
    }
    if let Some(spec) = spec.downcast_ref::<glib::ParamSpecInt>() {
        return format!("a whole number in {}..={}", spec.minimum(), spec.maximum());
    }
    format!("a value of the kind {kind}")
}

fn known(rules: &Rules<'_>, element: &gst::Element) -> String {
    let names = element.list_properties();
    let settable = names.iter().map(glib::ParamSpec::name).filter(|name| {
        !HIDDEN.contains(name) && rules.refused.iter().all(|(refused, _)| refused != name)
    });
    std::iter::once(rules.extra).chain(settable).collect::<Vec<_>>().join(", ")
}
