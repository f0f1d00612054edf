//! The stages as a person meets them: which rows each has, and what it does with given values.
//!
//! For whoever shows the chain and does not run it. Everything is asked of the stages themselves and of
//! their schedules, so that nothing is told twice. Pure but for the registry; makes no picture.

use super::{
    STAGES,
    dct::Dct,
    schedule::{AGE_ROWS, Ages, Common, OLD_FROM, YOUNG_UNTIL},
    settings,
    stage::{Now, Stage},
    user,
};
use crate::params::{ParamIndex, Registry, Snapshot};

/// A picture for those stages that ask how large it is; what they are asked here does not go by it.
const SIZE_PX: [u32; 2] = [640, 360];

/// Where the rows of a stage are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRows {
    /// Its switch, whose name is the stage's.
    pub switch: ParamIndex,
    /// How much it does; a user's stage may have none.
    pub amount: Option<ParamIndex>,
    /// Its other own rows.
    pub others: Vec<ParamIndex>,
    /// Its place in the order.
    pub place: ParamIndex,
    /// The rows of its schedule: from, every, young, middle.
    pub schedule: [ParamIndex; AGE_ROWS - 1],
}

impl StageRows {
    /// The rows in the order in which they are declared: the switch, the stage's own with the amount
    /// first, those that all stages have.
    pub(super) fn new(
        switch: ParamIndex,
        amount: Option<ParamIndex>,
        others: Vec<ParamIndex>,
        [place, from, every, young, middle]: [ParamIndex; AGE_ROWS],
    ) -> Self {
        Self { switch, amount, others, place, schedule: [from, every, young, middle] }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = ParamIndex> {
        let own = [self.switch].into_iter().chain(self.amount).chain(self.others.iter().copied());
        own.chain([self.place]).chain(self.schedule)
    }

    fn common(&self) -> Common {
        let [from, every, young, middle] = self.schedule;
        Common::at(self.switch, [self.place, from, every, young, middle])
    }
}

#[derive(Debug)]
struct Member {
    rows: StageRows,
    common: Common,
    /// `None`: a user's stage, which does what its amount says.
    stage: Option<Box<dyn Stage>>,
}

/// All stages, those of a set's shaders included. Stages are named by their number in it.
#[derive(Debug)]
pub struct Lineup {
    members: Vec<Member>,
    ages: Ages,
    age_rows: [ParamIndex; 2],
    wear: ParamIndex,
    rounding: ParamIndex,
    version: u64,
}

impl Lineup {
    /// Finds them. To be made again where [`Self::is_old`] says so.
    ///
    /// # Panics
    /// Where the rows of this room are not in the registry: a mistake in the program.
    pub fn find(registry: &Registry) -> Self {
        let own = STAGES.iter().filter_map(|kind| {
            let mut rows = kind.rows.iter().map(|row| registry.index_of(row));
            let (switch, amount) = (rows.next()?, rows.next());
            let common = kind.common.each_ref().map(|row| registry.index_of(row));
            let rows = StageRows::new(switch, amount, rows.collect(), common);
            Some((rows, Some((kind.find)(registry))))
        });
        let users = user::stage_rows(registry).into_iter().map(|rows| (rows, None));
        let member = |(rows, stage): (StageRows, _)| Member { common: rows.common(), rows, stage };
        Self {
            members: own.chain(users).map(member).collect(),
            ages: Ages::find(registry),
            age_rows: [&YOUNG_UNTIL, &OLD_FROM].map(|row| registry.index_of(row)),
            wear: registry.index_of(&settings::AMOUNT),
            rounding: registry.index_of(&settings::ROUNDING),
            version: registry.version(),
        }
    }

    /// Whether rows have come or gone since.
    pub fn is_old(&self, registry: &Registry) -> bool {
        self.version != registry.version()
    }

    /// Lends the stages quantisation tables that were read from a file.
    pub fn use_tables(&mut self, tables: &Dct) {
        for stage in self.members.iter_mut().filter_map(|member| member.stage.as_mut()) {
            stage.use_tables(tables);
        }
    }

    /// Number of stages.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none: never.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The rows of a stage.
    pub fn rows(&self, stage: usize) -> &StageRows {
        &self.members[stage].rows
    }

    /// The two ages that all schedules go by: young until, old from.
    pub fn age_rows(&self) -> [ParamIndex; 2] {
        self.age_rows
    }

    /// The stages in the order in which they run with these values; equal places keep their own.
    pub fn order(&self, params: &Snapshot) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|stage| self.members[*stage].common.place(params));
        order
    }

    /// Whether the switch of a stage is on.
    pub fn is_on(&self, stage: usize, params: &Snapshot) -> bool {
        self.members[stage].common.is_on(params)
    }

    /// How much a stage does while its switch is on, in its own measure and whatever the age, with
    /// what `decay.amount` adds: 0 = nothing.
    pub fn amount(&self, stage: usize, params: &Snapshot) -> f64 {
        let member = &self.members[stage];
        match (&member.stage, member.rows.amount) {
            _ if !member.common.is_on(params) => 0.0,
            (Some(stage), _) => stage.amount(&self.now(params, 1)),
            (None, Some(amount)) => params.get(amount).abs(),
            (None, None) => 1.0,
        }
    }

    /// The part of its amount that a stage has at an age (generations since the last heal, at least
    /// 1); 0 = it does not run.
    pub fn part(&self, stage: usize, params: &Snapshot, age: u64) -> f64 {
        let phase = self.ages.phase(params, age);
        self.members[stage].common.part(params, phase, age)
    }

    /// The quantisation tables that a stage has in force at an age, with what chance adds left out.
    /// `None` where it quantises nothing.
    pub fn tables(&self, stage: usize, params: &Snapshot, age: u64) -> Option<Dct> {
        let amount = self.amount(stage, params) * self.part(stage, params, age);
        let now = self.now(params, age);
        let stage = self.members[stage].stage.as_ref()?;
        if amount > 0.0 { stage.tables(&now, amount) } else { None }
    }

    /// Whether a stage has quantisation tables at all.
    pub fn has_tables(&self, stage: usize, params: &Snapshot) -> bool {
        let now = self.now(params, 1);
        self.members[stage].stage.as_ref().is_some_and(|stage| stage.tables(&now, 1.0).is_some())
    }

    fn now<'a>(&self, params: &'a Snapshot, age: u64) -> Now<'a> {
        Now {
            params,
            wear: params.get(self.wear),
            generation: 0,
            age,
            seed: 0,
            size_px: SIZE_PX,
            truncates: params.int(self.rounding) == 1,
            is_grey: false,
            coded: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decay::PARAMS,
        params::{ParamSpec, Store},
    };
    use std::sync::Arc;

    struct Bench {
        registry: Arc<Registry>,
        store: Store,
        lineup: Lineup,
    }

    impl Bench {
        fn new(more: &[ParamSpec]) -> Self {
            let registry = Registry::join(&[PARAMS.as_slice(), more]).expect("rows");
            let registry = Arc::new(registry);
            let lineup = Lineup::find(&registry);
            Self { store: Store::new(Arc::clone(&registry)), registry, lineup }
        }

        fn set(&mut self, id: &str, plain: f64) {
            self.store.set(self.registry.find(id).expect("a row"), plain);
            self.store.settle();
        }

        /// The number of the stage with this switch.
        fn stage(&self, id: &str) -> usize {
            let switch = self.registry.find(id).expect("a row");
            let is_meant = |stage: &usize| self.lineup.rows(*stage).switch == switch;
            (0..self.lineup.len()).find(is_meant).expect("a stage")
        }

        fn ids(&self) -> Vec<&'static str> {
            let order = self.lineup.order(self.store.result());
            let id = |stage| self.registry.row(self.lineup.rows(stage).switch).id;
            order.into_iter().map(id).collect()
        }
    }

    #[test]
    fn every_row_of_the_chain_belongs_to_one_stage_or_to_none() {
        let bench = Bench::new(&[]);
        let mut rows: Vec<ParamIndex> =
            (0..bench.lineup.len()).flat_map(|stage| bench.lineup.rows(stage).all()).collect();
        let count = rows.len();
        rows.sort_unstable_by_key(|row| row.dense());
        rows.dedup();
        assert_eq!(rows.len(), count, "a row has two stages");
        // Counted by hand: nine of the chain as a whole, and two ages.
        assert_eq!(bench.registry.len() - count, 11);
        for stage in 0..bench.lineup.len() {
            let rows = bench.lineup.rows(stage);
            let [switch, place] = [rows.switch, rows.place].map(|row| bench.registry.row(row).id);
            assert_eq!(switch.replace("decay.", "order."), place);
        }
    }

    #[test]
    fn stages_stand_in_the_order_of_their_places() {
        let mut bench = Bench::new(&[]);
        assert_eq!(bench.ids()[..3], ["decay.mirror", "decay.shift", "decay.errors"]);
        bench.set("order.dct", 0.0);
        assert_eq!(bench.ids()[..2], ["decay.dct", "decay.mirror"]);
        // Of equal places the one that stands first in the list.
        bench.set("order.dct", 10.0);
        assert_eq!(bench.ids()[..2], ["decay.mirror", "decay.dct"]);
    }

    #[test]
    fn a_stage_does_what_its_rows_say() {
        let mut bench = Bench::new(&[]);
        let noise = bench.stage("decay.noise");
        let amount = |bench: &Bench| bench.lineup.amount(noise, bench.store.result());
        assert_eq!(amount(&bench), 0.0);
        bench.set("decay.noise_amplitude", 3.0);
        assert_eq!(amount(&bench), 3.0);
        // Full wear adds two levels.
        bench.set("decay.amount", 1.0);
        assert_eq!(amount(&bench), 5.0);
        bench.set("decay.noise", 0.0);
        assert_eq!(amount(&bench), 0.0);
        assert!(!bench.lineup.is_on(noise, bench.store.result()));
    }

    #[test]
    fn a_stage_has_its_part_by_age() {
        let mut bench = Bench::new(&[]);
        let noise = bench.stage("decay.noise");
        bench.set("age.noise_from", 6.0);
        bench.set("age.noise_every", 5.0);
        bench.set("age.noise_young", 0.25);
        bench.set("age.noise_middle", 0.5);
        let part = |age| bench.lineup.part(noise, bench.store.result(), age);
        assert_eq!([5, 6, 10, 35].map(part), [0.0, 0.0, 0.25, 0.25]);
        assert_eq!([40, 115, 120, 121, 125].map(part), [0.5, 0.5, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn tables_are_those_in_force() {
        let mut bench = Bench::new(&[]);
        let dct = bench.stage("decay.dct");
        let tables = |bench: &Bench, age| bench.lineup.tables(dct, bench.store.result(), age);
        assert!(bench.lineup.has_tables(dct, bench.store.result()));
        assert!(!bench.lineup.has_tables(bench.stage("decay.noise"), bench.store.result()));
        assert_eq!(tables(&bench, 1), None);
        bench.set("decay.dct_amount", 1.0);
        assert_eq!(tables(&bench, 1), Some(Dct::flat(255)));
        // By hand: half of the loop's growth of 0.5, and twice as much where all is doubled.
        bench.set("decay.dct_table", 2.0);
        bench.set("decay.dct_growth_least", 0.0);
        bench.set("decay.dct_growth_most", 1.0);
        bench.set("decay.dct_jitter", 1.0);
        let grown = tables(&bench, 1).expect("tables");
        assert_eq!(grown.luma_raster[..4], [12, 18, 30, 42]);
        bench.set("age.dct_from", 9.0);
        assert_eq!(tables(&bench, 8), None);
        bench.set("decay.dct_table", 4.0);
        bench.lineup.use_tables(&Dct::flat(7));
        bench.set("decay.dct_growth_most", 0.0);
        assert_eq!(tables(&bench, 9), Some(Dct::flat(7)));
    }

    #[test]
    fn shaders_are_stages_too() {
        let switch = |id, name| ParamSpec::switch(id, name, "A shader.", true);
        let number = |id| ParamSpec::float(id, "Number", "A number.", (0.0, 99.0), 0.0);
        let rows = [
            switch("shader.pond", "Pond"),
            number("shader.pond_amount"),
            number("shader.pond_length_px"),
            number("order.shader_pond"),
            number("age.shader_pond_from"),
            number("age.shader_pond_every"),
            number("age.shader_pond_young"),
            number("age.shader_pond_middle"),
            // Its name begins like the other's.
            switch("shader.pond_wide", "Wide pond"),
            switch("shader.pond_wide_wild", "Wild"),
            number("order.shader_pond_wide"),
            number("age.shader_pond_wide_from"),
            number("age.shader_pond_wide_every"),
            number("age.shader_pond_wide_young"),
            number("age.shader_pond_wide_middle"),
        ];
        let mut bench = Bench::new(&rows);
        let find = |bench: &Bench, id: &str| bench.registry.find(id).expect("a row");
        let (pond, wide) = (bench.stage("shader.pond"), bench.stage("shader.pond_wide"));
        let rows = bench.lineup.rows(pond);
        assert_eq!(rows.amount, Some(find(&bench, "shader.pond_amount")));
        assert_eq!(rows.others, [find(&bench, "shader.pond_length_px")]);
        assert_eq!(rows.place, find(&bench, "order.shader_pond"));
        assert_eq!(rows.schedule[3], find(&bench, "age.shader_pond_middle"));
        let rows = bench.lineup.rows(wide);
        assert_eq!((rows.amount, rows.others.len()), (None, 1));
        assert_eq!(bench.lineup.amount(wide, bench.store.result()), 1.0);
        assert_eq!(bench.lineup.amount(pond, bench.store.result()), 0.0);
        bench.set("shader.pond_amount", 0.5);
        assert_eq!(bench.lineup.amount(pond, bench.store.result()), 0.5);
    }
}
