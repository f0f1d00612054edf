//! The rows of a user's stage. Ids and texts live to the end of the program, each once: as many as the
//! registry has room for, and what a person changes of them while writing.

use super::header::{AMOUNT, Header, Param, ParamKind};
use crate::{
    decay::{
        lineup::StageRows,
        schedule::{AGE_ROWS, common_rows},
    },
    params::{ParamIndex, ParamSpec, Registry},
};
use std::collections::HashSet;

/// The section of the rows, and the first part of their ids.
const ROOM: &str = "shader";

/// Time constant of the way to a new value, as the chain's own stages have it.
const SMOOTHING_MILLIS: f64 = 30.0;

/// The rows that every stage has, with marks where its name and its title go.
const COMMON: [ParamSpec; AGE_ROWS] = common_rows!("{name}", "{title}", 0);

/// Texts that have been said before.
#[derive(Debug, Default)]
pub struct Texts(HashSet<&'static str>);

impl Texts {
    /// This text, for ever.
    fn keep(&mut self, text: String) -> &'static str {
        if let Some(known) = self.0.get(text.as_str()) {
            return known;
        }
        let text: &'static str = text.leak();
        self.0.insert(text);
        text
    }
}

/// The rows of a shader: the switch, its parameters in their order, then those of every stage.
pub fn rows(name: &str, header: &Header, texts: &mut Texts) -> Vec<ParamSpec> {
    let Header { title, place, params, .. } = header;
    let id = texts.keep(format!("{ROOM}.{name}"));
    let help = texts.keep(format!("Whether the shader {name} runs in every generation."));
    let switch = ParamSpec::switch(id, texts.keep(title.clone()), help, true);
    // Without an amount there is no other way to let it do nothing.
    let neutral = if header.amount().is_some() { switch.default } else { 0.0 };
    let mut rows = vec![switch.neutral(neutral)];
    rows.extend(params.iter().map(|param| row(name, title, param, texts)));
    rows.extend(COMMON.iter().map(|row| {
        let id = texts.keep(row.id.replace("{name}", &format!("{ROOM}_{name}")));
        let name = texts.keep(row.name.replace("{title}", title));
        ParamSpec { id, name, ..*row }
    }));
    let place_row = 1 + params.len();
    rows[place_row] = rows[place_row].at_first(*place as f64);
    rows
}

/// The rows of all shaders that are declared, found by their ids.
pub fn stage_rows(registry: &Registry) -> Vec<StageRows> {
    let own = |row: &ParamSpec| row.id.strip_prefix(ROOM)?.strip_prefix('.');
    let common = |name: &str| {
        let find =
            |row: &ParamSpec| registry.find(&row.id.replace("{name}", &format!("{ROOM}_{name}")));
        let found: Vec<ParamIndex> = COMMON.iter().filter_map(find).collect();
        <[ParamIndex; AGE_ROWS]>::try_from(found).ok()
    };
    // Switches are the rows that have a place in the order.
    let stages: Vec<_> = registry
        .iter()
        .filter_map(|(index, row)| own(row).and_then(|name| Some((index, name, common(name)?))))
        .collect();
    // One name may be the beginning of another: a row is of the longest that it begins with.
    let stage_of = |id: &str| {
        let begins = |name: &str| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
        let names = stages.iter().map(|(_, name, _)| *name);
        names.filter(|name| begins(name)).max_by_key(|name| name.len())
    };
    let is_switch = |index| stages.iter().any(|(switch, ..)| *switch == index);
    let rows_of = |stage: &str| -> Vec<(ParamIndex, bool)> {
        let rows = registry.iter().filter(|(index, _)| !is_switch(*index));
        let rows = rows.filter_map(|(index, row)| Some((index, own(row)?)));
        let rows = rows.filter(|(_, id)| stage_of(id) == Some(stage));
        rows.map(|(index, id)| (index, id[stage.len() + 1..] == *AMOUNT)).collect()
    };
    let stage = |(switch, name, common): &(ParamIndex, &str, [ParamIndex; AGE_ROWS])| {
        let rows = rows_of(name);
        let amount = rows.iter().find(|(_, is_amount)| *is_amount).map(|(index, _)| *index);
        let others = rows.iter().filter(|(_, is_amount)| !is_amount).map(|(index, _)| *index);
        StageRows::new(*switch, amount, others.collect(), *common)
    };
    stages.iter().map(stage).collect()
}

fn row(name: &str, title: &str, param: &Param, texts: &mut Texts) -> ParamSpec {
    let id = texts.keep(format!("{ROOM}.{name}_{}", param.name));
    let words = texts.keep(format!("{title} {}", param.name.replace('_', " ")));
    let help = match param.help.as_str() {
        "" => format!("A parameter of the shader {name}."),
        help => help.to_owned(),
    };
    let help = texts.keep(help);
    match &param.kind {
        ParamKind::Switch(is_on) => ParamSpec::switch(id, words, help, *is_on),
        ParamKind::Number { default, min, max, unit } => {
            let row = ParamSpec::float(id, words, help, (*min, *max), *default);
            let row = row.unit(texts.keep(unit.clone())).smoothed(SMOOTHING_MILLIS);
            if param.name == AMOUNT { row.neutral(0.0) } else { row }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decay::PARAMS,
        params::{Kind, Registry},
    };

    fn of(name: &str, text: &str) -> Vec<ParamSpec> {
        let header = Header::parse(name, text).expect("a head");
        rows(name, &header, &mut Texts::default())
    }

    #[test]
    fn a_shader_has_the_rows_of_a_stage() {
        let rows = of(
            "ripple",
            "// name: Pond\n// place: 12\n// param amount 0.5 0..1 x  Waves.\n// switch wild on",
        );
        let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
        assert_eq!(
            ids,
            [
                "shader.ripple",
                "shader.ripple_amount",
                "shader.ripple_wild",
                "order.shader_ripple",
                "age.shader_ripple_from",
                "age.shader_ripple_every",
                "age.shader_ripple_young",
                "age.shader_ripple_middle",
            ]
        );
        let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names[..4], ["Pond", "Pond amount", "Pond wild", "Pond place"]);
        assert_eq!((rows[0].default, rows[0].neutral), (1.0, 1.0));
        assert_eq!((rows[1].default, rows[1].neutral, rows[1].unit), (0.5, 0.0, "x"));
        assert_eq!(rows[1].kind, Kind::Float { min: 0.0, max: 1.0 });
        assert_eq!((rows[1].help, rows[2].help), ("Waves.", "A parameter of the shader ripple."));
        assert_eq!((rows[2].kind, rows[2].default), (Kind::Bool, 1.0));
        assert_eq!((rows[3].default, rows[3].neutral), (12.0, 12.0));
        // As the stages of the chain have them.
        let common = |end: &str| {
            let own = PARAMS.iter().find(|row| row.id == format!("age.blur_{end}")).expect("a row");
            let user = rows.iter().find(|row| row.id.ends_with(end)).expect("a row");
            assert_eq!((user.kind, user.default, user.help), (own.kind, own.default, own.help));
        };
        ["from", "every", "young", "middle"].iter().for_each(|end| common(end));
        assert!(Registry::join(&[&rows]).is_ok());
    }

    #[test]
    fn without_an_amount_off_is_neutral() {
        assert_eq!((of("invert", "")[0].default, of("invert", "")[0].neutral), (1.0, 0.0));
    }

    #[test]
    fn a_text_is_kept_once() {
        let mut texts = Texts::default();
        let header = Header::parse("a", "// param b 0 0..1").expect("a head");
        let (first, again) = (rows("a", &header, &mut texts), rows("a", &header, &mut texts));
        assert_eq!(first, again);
        let is_same = |(one, other): (&ParamSpec, &ParamSpec)| std::ptr::eq(one.id, other.id);
        assert!(first.iter().zip(&again).all(is_same));
    }
}
