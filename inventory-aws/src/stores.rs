use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use inventory_core::turnstile::{Attempt, Passage, Turnstile};
use inventory_core::{Store, Version};
use jiff::Timestamp;

use crate::deadline::Deadline;
use crate::error::{Error, is_condition};
use crate::inventory::{Look, Size};
use crate::progress::Meter;
use crate::receipts::{Entry, OPTIONAL};
use crate::tables::attribute::{ACTIVE, CLAIMS, READ_UNITS, RECENT, STOCKED, STORE, VERSION};
use crate::upload::{Object, Upload};

/// Attributes as the SDK has them.
type Attributes = HashMap<String, AttributeValue>;

/// The table `Stores`: of each store its turnstile, which are two sets of
/// texts and a count, and its newest receipt.
pub(crate) struct Stores<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) meter: &'a Meter<'a>,
}

/// An attempt that is inside a store's turnstile, and what it found there.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) store: Store,
    pub(crate) passage: Passage,
    /// What is known of all rows of the store.
    pub(crate) size: Option<Size>,
    /// How many attempts had claimed before.
    pub(crate) claims: u64,
    attempt: Attempt,
    /// Those that it found, and its own.
    recent: Vec<Remembered>,
}

/// An upload that claimed, and where its file is.
#[derive(Clone, Debug)]
struct Remembered {
    version: Version,
    object: Object,
}

impl Claim {
    /// The newer uploads to rebase on, and where their files are.
    pub(crate) fn newer(&self) -> impl Iterator<Item = (&Version, &Object)> {
        let newer = self.recent.iter().filter(|upload| self.passage.newer.contains(&upload.version));
        newer.map(|upload| (&upload.version, &upload.object))
    }
}

impl Stores<'_> {
    /// Goes in, in one request that also gives back what was there before;
    /// not where the store is known to be too small for the upload, unless
    /// that has been inside already.
    pub(crate) async fn claim(
        &self,
        store: &Store,
        upload: &Upload,
        version: &Version,
        deadline: Deadline,
        needs: Needs,
    ) -> Result<Option<Claim>, Error> {
        deadline.check(|| entering(store))?;
        let (attempt, remembered) = own(upload, version, deadline);
        let mut update = self
            .update(store)
            .update_expression("ADD #Active :attempt, #Recent :upload, #Claims :one")
            .expression_attribute_names("#Active", ACTIVE)
            .expression_attribute_names("#Recent", RECENT)
            .expression_attribute_names("#Claims", CLAIMS)
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":attempt", texts([attempt_text(&attempt)]))
            .expression_attribute_values(":upload", texts([remembered.text()]))
            .return_values(ReturnValue::AllOld);
        if needs != Needs::Nothing {
            update = update
                .condition_expression("#Stocked >= :stocked OR contains(#Recent, :own)")
                .expression_attribute_names("#Stocked", STOCKED)
                .expression_attribute_values(":stocked", AttributeValue::N(needs.stocked().to_string()))
                .expression_attribute_values(":own", AttributeValue::S(remembered.text()));
        }
        match update.send().await {
            Ok(answer) => {
                self.meter.write(&answer.consumed_capacity);
                Ok(Some(Claim::of(store, attempt, remembered, &answer.attributes.unwrap_or_default())))
            }
            Err(error) if is_condition(&error) => {
                self.meter.write(None);
                Ok(None)
            }
            Err(error) => Err(Error::of_service(entering(store), error)),
        }
    }

    /// What it would find that claimed now.
    pub(crate) async fn look(
        &self,
        store: &Store,
        upload: &Upload,
        version: &Version,
        deadline: Deadline,
    ) -> Result<Claim, Error> {
        let (attempt, remembered) = own(upload, version, deadline);
        Ok(Claim::of(store, attempt, remembered, &self.get(store).await?))
    }

    /// Looks at a store whose rows are to be read before the claim: nothing to
    /// go by if somebody is inside, or nobody has read it whole.
    pub(crate) async fn look_ahead(&self, store: &Store) -> Result<Option<(Look, Size)>, Error> {
        let now = Timestamp::now();
        let found = self.get(store).await?;
        let look = turnstile(&found, &recent(&found)).look(now).map(Look);
        Ok(look.zip(Size::of(&found)))
    }

    /// Adds to what a claim found the newer uploads that claimed since; whether
    /// there are any.
    pub(crate) async fn look_back(&self, claim: &mut Claim) -> Result<bool, Error> {
        let found = self.get(&claim.store).await?;
        let recent: Vec<Remembered> = set(&found, RECENT).filter_map(Remembered::from_text).collect();
        let versions = recent.iter().map(|upload| upload.version.clone()).collect();
        let turnstile = Turnstile { recent: versions, ..Turnstile::default() };
        let missed = turnstile.missed(&claim.attempt.version, &claim.passage.newer);
        claim.recent.extend(recent.into_iter().filter(|upload| missed.contains(&upload.version)));
        let is_any = !missed.is_empty();
        claim.passage.newer.extend(missed);
        Ok(is_any)
    }

    async fn get(&self, store: &Store) -> Result<Attributes, Error> {
        let get = self.client.get_item().table_name(self.table).consistent_read(true);
        let get = get.key(STORE, AttributeValue::S(store.as_str().to_owned()));
        let sent = get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let doing = || format!("read the state of store {:?}", store.as_str());
        let answer = sent.map_err(|error| Error::of_service(doing(), error))?;
        self.meter.read(&answer.consumed_capacity);
        Ok(answer.item.unwrap_or_default())
    }

    /// Goes out, and leaves behind what the upload came to, unless a newer one
    /// has. Not to be called while something that was written may still take
    /// effect.
    pub(crate) async fn leave(
        &self,
        claim: &Claim,
        size: Option<Size>,
        entry: Option<&Entry<'_>>,
    ) -> Result<(), Error> {
        let mut change = Change::default();
        let gone = claim.passage.dead.iter().chain([&claim.attempt]).map(attempt_text);
        change.take_out(ACTIVE, gone.collect());
        let forgotten =
            claim.recent.iter().filter(|recent| claim.passage.forgotten.contains(&recent.version));
        change.take_out(RECENT, forgotten.map(Remembered::text).collect());
        if let Some(Size { read_units, stocked }) = size {
            change.set.insert(READ_UNITS.to_owned(), AttributeValue::N(format!("{read_units:.2}")));
            change.set.insert(STOCKED.to_owned(), AttributeValue::N(stocked.to_string()));
        }
        self.change(&claim.store, change, entry).await
    }

    /// Shows what an upload came to that never went in, unless a newer one is
    /// there.
    pub(crate) async fn show(&self, store: &Store, entry: &Entry<'_>) -> Result<(), Error> {
        self.change(store, Change::default(), Some(entry)).await
    }

    async fn change(&self, store: &Store, change: Change, entry: Option<&Entry<'_>>) -> Result<(), Error> {
        let Some(entry) = entry else {
            return self.send(store, change, false).await.map(drop);
        };
        let mut shown = change.clone();
        shown.set.extend(entry.shown()?);
        shown.remove.extend(OPTIONAL.iter().filter(|name| !shown.set.contains_key(**name)));
        let is_newest = self.send(store, shown, true).await?;
        if is_newest || change.is_empty() {
            return Ok(());
        }
        self.send(store, change, false).await.map(drop)
    }

    /// Whether the change was made: if it must show the newest upload, it is
    /// not where a newer one is shown.
    async fn send(&self, store: &Store, change: Change, must_be_newest: bool) -> Result<bool, Error> {
        let mut update = change.into_update(self.update(store));
        if must_be_newest {
            let newest = format!("attribute_not_exists(#{VERSION}) OR #{VERSION} <= :{VERSION}");
            update = update.condition_expression(newest);
        }
        match update.send().await {
            Ok(answer) => self.meter.write(&answer.consumed_capacity),
            Err(error) if is_condition(&error) => {
                self.meter.write(None);
                return Ok(false);
            }
            Err(error) => return Err(Error::of_service(keeping(store), error)),
        }
        Ok(true)
    }

    fn update(&self, store: &Store) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(self.table);
        let update = update.key(STORE, AttributeValue::S(store.as_str().to_owned()));
        update.return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

impl Claim {
    fn of(store: &Store, attempt: Attempt, own: Remembered, found: &Attributes) -> Claim {
        let mut recent = recent(found);
        let turnstile = turnstile(found, &recent);
        // It may be the oldest of all, and the one to forget.
        recent.push(own);
        Claim {
            store: store.clone(),
            passage: turnstile.pass(&attempt.version, Timestamp::now()),
            size: Size::of(found),
            claims: turnstile.claims,
            attempt,
            recent,
        }
    }
}

/// What must be known of a store before an upload goes in unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// So many stocked items at least.
    Stocked(u64),
    /// More than can be known without its rows.
    Rows,
}

impl Needs {
    fn stocked(self) -> u64 {
        match self {
            Needs::Nothing => 0,
            Needs::Stocked(stocked) => stocked,
            Needs::Rows => u64::MAX,
        }
    }
}

impl Size {
    fn of(found: &Attributes) -> Option<Size> {
        Some(Size { read_units: number(found, READ_UNITS)?, stocked: number(found, STOCKED)? })
    }
}

fn recent(found: &Attributes) -> Vec<Remembered> {
    set(found, RECENT).filter_map(Remembered::from_text).collect()
}

fn turnstile(found: &Attributes, recent: &[Remembered]) -> Turnstile {
    Turnstile {
        active: set(found, ACTIVE).filter_map(attempt_from_text).collect(),
        recent: recent.iter().map(|upload| upload.version.clone()).collect(),
        claims: number(found, CLAIMS).unwrap_or_default(),
    }
}

fn own(upload: &Upload, version: &Version, deadline: Deadline) -> (Attempt, Remembered) {
    let id = format!("{:016x}", fastrand::u64(..));
    let attempt = Attempt::new(version.clone(), deadline.dead(), id);
    (attempt, Remembered { version: version.clone(), object: upload.object() })
}

/// What to change of one row.
#[derive(Clone, Default)]
struct Change {
    set: Attributes,
    remove: Vec<&'static str>,
    take_out: Vec<(&'static str, Vec<String>)>,
}

impl Change {
    fn take_out(&mut self, name: &'static str, texts: Vec<String>) {
        if !texts.is_empty() {
            self.take_out.push((name, texts));
        }
    }

    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.take_out.is_empty()
    }

    fn into_update(self, mut update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let mut clauses = Vec::new();
        let mut clause = |verb: &str, parts: Vec<String>| {
            if !parts.is_empty() {
                clauses.push(format!("{verb} {}", parts.join(", ")));
            }
        };
        clause("SET", self.set.keys().map(|name| format!("#{name} = :{name}")).collect());
        clause("REMOVE", self.remove.iter().map(|name| format!("#{name}")).collect());
        clause("DELETE", self.take_out.iter().map(|(name, _)| format!("#{name} :{name}")).collect());
        let taken = self.take_out.into_iter().map(|(name, out)| (name.to_owned(), Some(texts(out))));
        let removed = self.remove.into_iter().map(|name| (name.to_owned(), None));
        let set = self.set.into_iter().map(|(name, value)| (name, Some(value)));
        for (name, value) in set.chain(removed).chain(taken) {
            update = update.expression_attribute_names(format!("#{name}"), &name);
            if let Some(value) = value {
                update = update.expression_attribute_values(format!(":{name}"), value);
            }
        }
        update.update_expression(clauses.join(" "))
    }
}

fn attempt_text(attempt: &Attempt) -> String {
    format!("{} {} {}", attempt.version, attempt.deadline, attempt.id)
}

fn attempt_from_text(text: &str) -> Option<Attempt> {
    let mut parts = text.splitn(3, ' ');
    let version = Version::from_stored(parts.next()?);
    Some(Attempt::new(version, parts.next()?.parse().ok()?, parts.next()?))
}

impl Remembered {
    /// The key comes last, because it may have spaces.
    fn text(&self) -> String {
        let Remembered { version, object: Object { bucket, key, version: of_object } } = self;
        format!("{version} {} {bucket}/{key}", of_object.as_deref().unwrap_or("-"))
    }

    fn from_text(text: &str) -> Option<Remembered> {
        let mut parts = text.splitn(3, ' ');
        let version = Version::from_stored(parts.next()?);
        let of_object = parts.next().filter(|version| *version != "-").map(str::to_owned);
        let (bucket, key) = parts.next()?.split_once('/')?;
        let object = Object { bucket: bucket.to_owned(), key: key.to_owned(), version: of_object };
        Some(Remembered { version, object })
    }
}

fn set<'a>(found: &'a Attributes, name: &str) -> impl Iterator<Item = &'a str> {
    let texts = found.get(name).and_then(|value| value.as_ss().ok());
    texts.into_iter().flatten().map(String::as_str)
}

fn number<N: FromStr>(found: &Attributes, name: &str) -> Option<N> {
    found.get(name)?.as_n().ok()?.parse().ok()
}

fn texts(texts: impl IntoIterator<Item = String>) -> AttributeValue {
    AttributeValue::Ss(texts.into_iter().collect())
}

fn entering(store: &Store) -> String {
    format!("claim store {:?}", store.as_str())
}

fn keeping(store: &Store) -> String {
    format!("keep the state of store {:?}", store.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_turnstile_holds_is_read_back() {
        let version = Version::from_stored("2026-11-02T06:00:00.000Z/01");
        let attempt = Attempt::new(version.clone(), "2026-11-02T06:05:00Z".parse().unwrap(), "0af3");
        assert_eq!(attempt_from_text(&attempt_text(&attempt)), Some(attempt));
        for of_object in [None, Some("v7".to_owned())] {
            let object = Object {
                bucket: "uploads".into(),
                key: "stores/São Paulo/a b/c.csv".into(),
                version: of_object,
            };
            let read = Remembered::from_text(
                &Remembered { version: version.clone(), object: object.clone() }.text(),
            );
            let read = read.unwrap();
            assert_eq!((read.version, read.object), (version.clone(), object));
        }
    }

    #[test]
    fn what_nobody_here_wrote_is_passed_over() {
        for text in ["", "x", "x y", "x y z"] {
            assert!(attempt_from_text(text).is_none());
            assert!(Remembered::from_text(text).is_none());
        }
    }
}
