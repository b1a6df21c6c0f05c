//! Every interleaving of a few uploads, over the functions that production
//! runs: whatever comes twice, overlaps, dies or wakes up late, each row ends
//! as the newest upload says that names it.
//!
//! One row's fate does not hang on another's, but for the turnstile that they
//! share. So every pattern of what three uploads may say of a row is checked
//! as one row of some scenario, and the rows of a store are read in one step:
//! for each row by itself, all that matters is what comes before and after.

use std::io::Write;
use std::sync::{LazyLock, RwLock};

use inventory_core::levels::Columns;
use inventory_core::policy::Thresholds;
use inventory_core::turnstile::{
    Attempt, Decision, Passage, Rules, Said, Stored, Turnstile, Versions, decide,
};
use inventory_core::{Level, Quantity, Status, Version};
use jiff::Timestamp;
use stateright::{Checker, Model, Property};

const UPLOADS: usize = 3;
const ROWS: usize = 3;
/// How often an upload is delivered at most.
const DELIVERIES: usize = 2;
const ATTEMPTS: usize = UPLOADS * DELIVERIES;
/// How many attempts may die without leaving.
const CRASHES: u8 = 1;
/// When time ends; an attempt claimed at a time has its deadline at the next.
const LAST_TIME: u8 = 1;

const CONVERGES: &str = "each row is as the newest upload says";

/// A way to break the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    NoRebase,
    SkipDespiteOverlap,
    UnconditionalWrite,
    WriteAfterDeadline,
    NoLookBack,
    AbsenceLeftToSnapshots,
    AheadDespiteClaims,
    AheadBesideOthers,
    ClaimsToldBySets,
}

/// What an attempt looked at, that knows that others claimed since.
const MOVED: u64 = u64::MAX;

/// Three uploads, in the order of their versions, over what was there before.
struct Scenario {
    before: [Option<Stored>; ROWS],
    says: [[Option<Level>; ROWS]; UPLOADS],
    /// The uploads that are the whole stock.
    snapshots: u8,
    /// How many deliveries there are at most, and how many of those may read
    /// before they claim.
    deliveries: usize,
    looks: u8,
    mutation: Mutation,
    /// Every content of a row that came up; a state has their numbers.
    contents: RwLock<Vec<Option<Stored>>>,
}

/// Small, because there are millions: sets are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    now: u8,
    rows: [usize; ROWS],
    active: u8,
    recent: u8,
    /// When each attempt claimed; it stays though the attempt may die.
    claimed: [u8; ATTEMPTS],
    attempts: [Running; ATTEMPTS],
    deliveries: [usize; UPLOADS],
    crashes: u8,
    looks: u8,
    claims: u8,
    done: u8,
}

/// One delivery of one upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Running {
    step: Step,
    /// How many had claimed when it looked.
    looked: u64,
    /// What is left of its [`Passage`].
    newer: u8,
    may_skip: bool,
    dead: u8,
    /// Whether there are rows of its upload, written by itself or another
    /// attempt, since it last looked at the turnstile.
    must_look_back: bool,
    /// The rows as it read them, and those that are left to write.
    read: [usize; ROWS],
    todo: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Step {
    #[default]
    Outside,
    ReadAhead,
    Claim,
    Read,
    Write,
    LookBack,
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Claim(usize),
    Look(usize),
    Go(usize),
    Die(usize),
    TimePasses,
}

impl Model for Scenario {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            now: 0,
            rows: self.before.clone().map(|stored| self.number(stored)),
            active: 0,
            recent: 0,
            claimed: [0; ATTEMPTS],
            attempts: [Running::default(); ATTEMPTS],
            deliveries: [0; UPLOADS],
            crashes: 0,
            looks: 0,
            claims: 0,
            done: 0,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let all: usize = state.deliveries.iter().sum();
        let may_come = |upload: &usize| {
            state.deliveries[*upload] < DELIVERIES && all < self.deliveries && self.has_something(*upload)
        };
        actions.extend((0..UPLOADS).filter(may_come).map(Action::Claim));
        if state.looks < self.looks && self.looked(state).is_some() {
            actions.extend((0..UPLOADS).filter(may_come).map(Action::Look));
        }
        // Anybody inside may be next, however long ago its last step was: one that
        // stalls while its successors come and go, and wakes up late with what it
        // knew then, needs no action of its own.
        let here = (0..ATTEMPTS).filter(|&at| state.attempts[at].step != Step::Outside);
        actions.extend(here.map(Action::Go));
        let inside = || (0..ATTEMPTS).filter(|&at| state.attempts[at].is_inside());
        if state.crashes < CRASHES {
            actions.extend(inside().map(Action::Die));
        }
        if state.now < LAST_TIME && inside().next().is_some() {
            actions.push(Action::TimePasses);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut state = *state;
        match action {
            Action::Claim(upload) => {
                let at = come(&mut state, upload);
                self.claim(&mut state, at);
            }
            Action::Look(upload) => {
                let at = come(&mut state, upload);
                state.looks += 1;
                let looked = self.looked(&state)?;
                state.attempts[at] = Running { step: Step::ReadAhead, looked, ..Running::default() };
            }
            Action::Go(at) => self.go(&mut state, at),
            Action::Die(at) => {
                state.attempts[at] = Running::default();
                state.crashes += 1;
            }
            Action::TimePasses => state.now += 1,
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(CONVERGES, |scenario: &Scenario, state| {
                !scenario.is_over(state) || scenario.levels(state) == scenario.naive()
            }),
            Property::sometimes("all uploads end", Scenario::is_over),
            Property::sometimes("an attempt outlasts its successor", Scenario::has_zombie),
        ]
    }
}

impl Scenario {
    /// Whether every upload was loaded whole, and nobody is at work.
    fn is_over(&self, state: &State) -> bool {
        let is_done = |upload| has(state.done, upload) || !self.has_something(upload);
        (0..UPLOADS).all(is_done) && state.attempts.iter().all(|running| running.step == Step::Outside)
    }

    /// Whether somebody is still at work after a newer upload came and went,
    /// where there are two at all.
    fn has_zombie(&self, state: &State) -> bool {
        let is_at_work = |at: &usize| !matches!(state.attempts[*at].step, Step::Outside | Step::Leave);
        let is_outlasted = |at: usize| (state.done & !state.attempts[at].newer) >> (at / DELIVERIES + 1) != 0;
        (0..UPLOADS).filter(|&upload| self.has_something(upload)).count() < 2
            || (0..ATTEMPTS).filter(is_at_work).any(is_outlasted)
    }

    /// Whether an upload says anything.
    fn has_something(&self, upload: usize) -> bool {
        has(self.snapshots, upload) || self.says[upload].iter().any(Option::is_some)
    }

    fn claim(&self, state: &mut State, at: usize) {
        let (upload, before) = (at / DELIVERIES, state.attempts[at]);
        state.claimed[at] = state.now;
        let found = self.turnstile(state);
        let Passage { newer, may_skip, dead, .. } = found.pass(&VERSIONS[upload], time(state.now));
        let newer = bits(UPLOADS, |upload| newer.contains(&VERSIONS[upload]));
        // A later delivery of what is done needs no newer file.
        let is_over = has(state.done, upload) && newer != 0;
        state.attempts[at] = Running {
            step: if is_over { Step::Leave } else { Step::Read },
            newer,
            may_skip: may_skip || self.mutation == Mutation::SkipDespiteOverlap,
            dead: bits(ATTEMPTS, |other| dead.contains(&attempt(state, other))),
            ..Running::default()
        };
        state.active |= 1 << at;
        state.recent |= 1 << upload;
        state.claims += 1;
        if before.step == Step::Claim && before.looked == found.claims && !is_over {
            self.read(state, at, before.read);
        }
        // What others read ahead counts no more: such states are one.
        let others = state.attempts.iter_mut().filter(|other| other.is_ahead());
        for other in others.filter(|_| self.mutation == Mutation::None) {
            *other = Running { step: Step::Claim, looked: MOVED, ..Running::default() };
        }
    }

    /// What an attempt looks at that is to read ahead.
    fn looked(&self, state: &State) -> Option<u64> {
        let found = self.turnstile(state);
        found.look(time(state.now)).or((self.mutation == Mutation::AheadBesideOthers).then_some(found.claims))
    }

    /// What an attempt finds that claims in this state.
    fn turnstile(&self, state: &State) -> Turnstile {
        let active = (0..ATTEMPTS).filter(|&at| has(state.active, at)).map(|at| attempt(state, at));
        let recent = (0..UPLOADS).filter(|&upload| has(state.recent, upload));
        let claims = match self.mutation {
            Mutation::AheadDespiteClaims => 0,
            Mutation::ClaimsToldBySets => u64::from(state.active) << UPLOADS | u64::from(state.recent),
            _ => state.claims.into(),
        };
        let recent = recent.map(|upload| VERSIONS[upload].clone()).collect();
        Turnstile { active: active.collect(), recent, claims }
    }

    /// One step of an attempt; at its deadline all that it may do is leave.
    fn go(&self, state: &mut State, at: usize) {
        let is_late = time(state.now) >= attempt(state, at).deadline;
        match state.attempts[at].step {
            Step::ReadAhead => {
                state.attempts[at].step = Step::Claim;
                state.attempts[at].read = state.rows;
            }
            Step::Claim => self.claim(state, at),
            Step::Read if !is_late => self.read(state, at, state.rows),
            Step::Write if !is_late || self.mutation == Mutation::WriteAfterDeadline => self.write(state, at),
            Step::LookBack if !is_late => self.look_back(state, at),
            step => {
                if step == Step::Leave && !is_late {
                    state.done |= 1 << (at / DELIVERIES);
                }
                let left = 1 << at | state.attempts[at].dead;
                state.active &= !left;
                state.attempts[at] = Running::default();
                (0..ATTEMPTS).filter(|&at| has(left, at)).for_each(|at| state.claimed[at] = 0);
            }
        }
    }

    /// Decides about the rows as they were read.
    fn read(&self, state: &mut State, at: usize, read: [usize; ROWS]) {
        let running = &state.attempts[at];
        let decided: [Decision; ROWS] = std::array::from_fn(|row| self.decided(running, at, row, read[row]));
        let todo = bits(ROWS, |row| matches!(decided[row], Decision::Write(..)));
        let must_look_back = read.into_iter().any(|row| self.is_own(row, at));
        state.attempts[at] = Running { read, must_look_back, ..*running }.with(todo);
    }

    /// Goes back to read again if newer uploads claimed meanwhile.
    fn look_back(&self, state: &mut State, at: usize) {
        let running = &state.attempts[at];
        let known = (0..UPLOADS).filter(|&upload| has(running.newer, upload));
        let known: Vec<Version> = known.map(|upload| VERSIONS[upload].clone()).collect();
        let missed = self.turnstile(state).missed(&VERSIONS[at / DELIVERIES], &known);
        let missed = bits(UPLOADS, |upload| missed.contains(&VERSIONS[upload]));
        let again =
            Running { newer: running.newer | missed, step: Step::Read, must_look_back: false, ..*running };
        state.attempts[at] = if missed == 0 { running.leaving() } else { again };
    }

    /// Writes the next row, on condition that it is as it was read; one that
    /// is not is decided again.
    fn write(&self, state: &mut State, at: usize) {
        let mut running = state.attempts[at];
        let row = running.todo.trailing_zeros() as usize;
        let mut todo = running.todo & !(1 << row);
        let versions = |number| self.stored(number).map(|stored| stored.versions);
        let is_as_read = versions(state.rows[row]) == versions(running.read[row]);
        if is_as_read || self.mutation == Mutation::UnconditionalWrite {
            if let Decision::Write(after, _) = self.decided(&running, at, row, running.read[row]) {
                let mut stored = Stored::default();
                stored.status = Status::of(&after.level).alert();
                (stored.level, stored.versions) = (Some(after.level), after.versions);
                running.must_look_back |= self.mutation != Mutation::NoLookBack;
                state.rows[row] = self.number(Some(stored));
            }
        } else {
            running.must_look_back |= self.is_own(state.rows[row], at);
            if let Decision::Write(..) = self.decided(&running, at, row, state.rows[row]) {
                running.read[row] = state.rows[row];
                todo |= 1 << row;
            }
        }
        state.attempts[at] = running.with(todo);
    }

    /// Whether a row has something of an attempt's upload, so that it has to
    /// look back.
    fn is_own(&self, row: usize, at: usize) -> bool {
        let version = &VERSIONS[at / DELIVERIES];
        let names_it = self.stored(row).is_some_and(|stored| stored.versions.name_any(version));
        names_it && self.mutation != Mutation::NoLookBack
    }

    /// What an attempt does about a row that it read so.
    fn decided(&self, running: &Running, at: usize, row: usize, read: usize) -> Decision {
        let upload = at / DELIVERIES;
        let stored = self.stored(read);
        let mut said = match &self.says[upload][row] {
            Some(level) => Said::of_file(level, &OF_FILE[upload]),
            None if has(self.snapshots, upload) && stored.is_some() => Said::of_absence(&VERSIONS[upload]),
            None => return Decision::Unchanged,
        };
        let newer = (0..UPLOADS).filter(|&upload| has(running.newer, upload));
        for newer in newer.filter(|_| self.mutation != Mutation::NoRebase) {
            match &self.says[newer][row] {
                Some(level) => said.join(level, &OF_FILE[newer]),
                None if has(self.snapshots, newer) => said.join_absence(&VERSIONS[newer]),
                None => {}
            }
        }
        said.is_absence &= self.mutation != Mutation::AbsenceLeftToSnapshots;
        let (version, may_skip) = (VERSIONS[upload].clone(), running.may_skip);
        let rules = Rules { version, may_skip, thresholds: Thresholds::default() };
        decide(stored.as_ref(), &said, &rules)
    }

    fn stored(&self, number: usize) -> Option<Stored> {
        self.contents.read().unwrap()[number].clone()
    }

    fn number(&self, stored: Option<Stored>) -> usize {
        let mut contents = self.contents.write().unwrap();
        contents.iter().position(|known| *known == stored).unwrap_or_else(|| {
            contents.push(stored);
            contents.len() - 1
        })
    }

    fn levels(&self, state: &State) -> [Option<Level>; ROWS] {
        state.rows.map(|row| self.stored(row).and_then(|stored| stored.level))
    }

    /// What the table should hold: each upload once, in order.
    fn naive(&self) -> [Option<Level>; ROWS] {
        std::array::from_fn(|row| {
            let mut level = self.before[row].as_ref().and_then(|stored| stored.level.clone());
            for (upload, says) in self.says.iter().enumerate() {
                match &says[row] {
                    Some(said) => level = Some(said.over(level.as_ref(), columns(upload))),
                    None if has(self.snapshots, upload) => {
                        level.iter_mut().for_each(|level| level.quantity = Quantity::ZERO);
                    }
                    None => {}
                }
            }
            level
        })
    }
}

impl Running {
    /// With these rows left to write; what it will not look at again is
    /// forgotten, so that states that differ in that alone are one.
    fn with(self, todo: u8) -> Running {
        if todo == 0 && !self.must_look_back {
            return self.leaving();
        }
        let step = if todo == 0 { Step::LookBack } else { Step::Write };
        let read = std::array::from_fn(|row| if has(todo, row) { self.read[row] } else { 0 });
        Running { step, todo, read, ..self }
    }

    fn is_ahead(&self) -> bool {
        matches!(self.step, Step::ReadAhead | Step::Claim)
    }

    fn is_inside(&self) -> bool {
        self.step != Step::Outside && !self.is_ahead()
    }

    fn leaving(self) -> Running {
        Running { step: Step::Leave, dead: self.dead, ..Running::default() }
    }
}

/// The next delivery of an upload.
fn come(state: &mut State, upload: usize) -> usize {
    state.deliveries[upload] += 1;
    upload * DELIVERIES + state.deliveries[upload] - 1
}

fn attempt(state: &State, at: usize) -> Attempt {
    let deadline = time(state.claimed[at] + 1);
    Attempt::new(VERSIONS[at / DELIVERIES].clone(), deadline, (at % DELIVERIES).to_string())
}

fn time(second: u8) -> Timestamp {
    Timestamp::from_second(second.into()).unwrap()
}

fn has(bits: u8, bit: usize) -> bool {
    bits >> bit & 1 == 1
}

fn bits(len: usize, is_set: impl Fn(usize) -> bool) -> u8 {
    (0..len).filter(|&bit| is_set(bit)).fold(0, |bits, bit| bits | 1 << bit)
}

static VERSIONS: LazyLock<[Version; UPLOADS]> =
    LazyLock::new(|| ["1", "2", "3"].map(|sequencer| Version::new(Timestamp::UNIX_EPOCH, sequencer)));
static OF_FILE: LazyLock<[Versions; UPLOADS]> =
    LazyLock::new(|| std::array::from_fn(|upload| Versions::of_file(&VERSIONS[upload], columns(upload))));

/// The second upload has no names.
fn columns(upload: usize) -> Columns {
    let mut columns = Columns::default();
    columns.name = upload != 1;
    columns
}

/// What an upload may say of a row: nothing, what may be there already, or
/// something else.
fn words() -> [Option<Level>; 3] {
    let named = |quantity: i32, name: &str| {
        let mut level = Level::of(quantity.into());
        level.name = Some(name.into());
        Some(level)
    };
    [None, named(4, "tea"), named(0, "green tea")]
}

/// What an upload can say of it that has only some columns.
fn of_columns(word: Option<Level>, upload: usize) -> Option<Level> {
    if columns(upload).name { word } else { word.map(|level| Level::of(level.quantity)) }
}

/// A row that somebody had written before.
fn there() -> Option<Stored> {
    let mut stored = Stored::default();
    stored.level = words()[1].clone();
    Some(stored)
}

/// All 27 patterns of what three uploads may say of a row, three of them a
/// scenario; every other one over a row that was there before.
fn scenarios(mutation: Mutation) -> impl Iterator<Item = Scenario> {
    let word = |pattern: usize, upload: usize| {
        of_columns(words()[pattern / 3_usize.pow(u32::try_from(upload).unwrap()) % 3].clone(), upload)
    };
    (0..9).map(move |first| Scenario {
        before: std::array::from_fn(|row| if (first + row) % 2 == 0 { None } else { there() }),
        says: std::array::from_fn(|upload| std::array::from_fn(|row| word(first + 9 * row, upload))),
        snapshots: 0,
        deliveries: 4,
        looks: 0,
        mutation,
        contents: RwLock::default(),
    })
}

/// The same for uploads some of which are snapshots that do not name the row;
/// one that names it is as any other. A row by itself is enough.
fn scenarios_of_snapshots(mutation: Mutation) -> impl Iterator<Item = Scenario> {
    scenarios_of_a_row(mutation, 4, 0).filter(|scenario| scenario.snapshots != 0)
}

/// All of a row by itself, where attempts may read ahead. The rows are read in
/// one step, so that what counts of one counts of all.
fn scenarios_ahead(mutation: Mutation) -> impl Iterator<Item = Scenario> {
    scenarios_of_a_row(mutation, 3, 2)
}

fn scenarios_of_a_row(mutation: Mutation, deliveries: usize, looks: u8) -> impl Iterator<Item = Scenario> {
    const ABSENT: usize = 3;
    let choices = (0..64).map(|number| [number % 4, number / 4 % 4, number / 16]);
    let choices = choices.flat_map(|choice| [(choice, None), (choice, there())]);
    choices.map(move |(choice, before)| Scenario {
        before: [before, None, None],
        says: std::array::from_fn(|upload| {
            [words().get(choice[upload]).cloned().flatten(), None, None].map(|word| of_columns(word, upload))
        }),
        snapshots: bits(UPLOADS, |upload| choice[upload] == ABSENT),
        deliveries,
        looks,
        mutation,
        contents: RwLock::default(),
    })
}

/// Checks scenarios, and tells how many states there are, past the harness,
/// which keeps to itself what a test that passes prints.
#[track_caller]
fn check(what: &str, scenarios: impl Iterator<Item = Scenario>) {
    let mut states = 0;
    for scenario in scenarios {
        let checker = scenario.checker().threads(2).spawn_bfs().join();
        checker.assert_properties();
        states += checker.unique_state_count();
    }
    writeln!(std::io::stderr(), "the turnstile's model, {what}: {states} states, all of them right").unwrap();
}

#[test]
fn every_interleaving_comes_to_what_the_newest_uploads_say() {
    check("three rows", scenarios(Mutation::None));
}

#[test]
fn snapshots_do_too() {
    check("snapshots", scenarios_of_snapshots(Mutation::None));
}

#[test]
fn reading_ahead_of_the_claim_changes_nothing() {
    check("reading ahead", scenarios_ahead(Mutation::None));
}

#[track_caller]
fn is_caught(mut scenarios: impl Iterator<Item = Scenario>) {
    let caught = scenarios.any(|scenario| {
        let checker = scenario.checker().threads(2).spawn_bfs().join();
        checker.discovery(CONVERGES).is_some()
    });
    assert!(caught, "it does no harm");
}

#[test]
fn without_the_rebase_an_older_upload_wins() {
    is_caught(scenarios(Mutation::NoRebase));
}

#[test]
fn skipping_beside_an_older_attempt_lets_it_win() {
    is_caught(scenarios(Mutation::SkipDespiteOverlap));
}

#[test]
fn unconditional_writes_lose_newer_ones() {
    is_caught(scenarios(Mutation::UnconditionalWrite));
}

#[test]
fn an_attempt_that_writes_after_its_deadline_wins_over_newer_ones() {
    is_caught(scenarios(Mutation::WriteAfterDeadline));
}

#[test]
fn without_a_look_back_a_snapshot_misses_a_new_row() {
    is_caught(scenarios_of_snapshots(Mutation::NoLookBack));
}

#[test]
fn a_row_that_a_snapshot_does_not_know_is_not_left_to_it() {
    is_caught(scenarios_of_snapshots(Mutation::AbsenceLeftToSnapshots));
}

#[test]
fn what_was_read_ahead_does_not_count_if_others_claimed_since() {
    is_caught(scenarios_ahead(Mutation::AheadDespiteClaims));
}

#[test]
fn nobody_reads_ahead_beside_one_who_is_inside() {
    is_caught(scenarios_ahead(Mutation::AheadBesideOthers));
}

#[test]
fn one_who_came_again_and_left_is_told_by_the_count_of_claims_alone() {
    is_caught(scenarios_ahead(Mutation::ClaimsToldBySets));
}
