use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::operation::batch_execute_statement::BatchExecuteStatementOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::{AttributeValue, BatchStatementResponse};
use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_mocks::{Rule, RuleBuilder, mock};
use inventory_aws::{Error, ErrorKind, Progress};
use inventory_core::Version;
use serde_json::json;

use crate::support::answers::{
    Log, Sent, load, loader, object, receipts, retrying, row, rows, rows_by_key, statements, turnstile,
    upload,
};
use crate::support::lines;

const THREE: &str = "store,item,count\nOslo,milk,9\nOslo,tea,4\nOslo,yeast,2\n";
const ONE: &str = "store,item,count\nOslo,tea,4\n";
const OLDER: &str = "2026-11-01T06:00:00.000Z/01";
const NEWER: &str = "2026-11-09T06:00:00.000Z/01";

/// The version of the upload that is loaded.
fn own() -> String {
    Version::new(upload().time, &upload().sequencer).as_str().to_owned()
}

fn items(log: &Log<Sent>) -> Vec<Vec<String>> {
    log.entries().iter().map(|sent| sent.items().into_iter().map(str::to_owned).collect()).collect()
}

/// The pauses between requests.
fn pauses(log: &Log<Sent>) -> Vec<Duration> {
    log.entries().windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[track_caller]
fn check_error(error: &Error, kind: ErrorKind, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_eq!(error.kind(), kind);
    assert_eq!(error.is_retryable(), matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn only_what_was_throttled_is_sent_again() {
    for code in
        ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError"]
    {
        let (writes, sent) = statements(move |call, item| match (call, item) {
            (0, "tea" | "yeast") | (1, "yeast") => Some(code),
            _ => None,
        });
        let loaded = load(&[object(THREE), rows(vec![]), writes]).await.unwrap();
        assert_eq!(
            items(&sent),
            [vec!["milk", "tea", "yeast"], vec!["tea", "yeast"], vec!["yeast"]],
            "{code}"
        );
        assert_eq!(lines(&loaded), ["Oslo: 3 written"]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_statement_of_a_batch_is_dealt_with_by_itself() {
    let (writes, sent) = statements(|call, item| match (call, item) {
        (0, "tea") => Some("ThrottlingError"),
        (_, "milk") => Some("DuplicateItem"),
        _ => None,
    });
    let (again, asked) = rows_by_key(|_, _| (vec![row("milk", "7", Some(NEWER))], vec![]));
    let loaded = load(&[object(THREE), rows(vec![]), writes, again]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 2 written, 1 superseded"]);
    assert_eq!(items(&sent), [vec!["milk", "tea", "yeast"], vec!["tea"]]);
    assert_eq!(asked.entries(), [["milk"]]);
}

#[tokio::test(start_paused = true)]
async fn progress_counts_a_throttled_row_once() {
    let (writes, _) = statements(|call, item| (call < 2 && item == "tea").then_some("ThrottlingError"));
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let loader = loader(&[object(THREE), rows(vec![]), writes, receipts(), turnstile()]);
    let loader = loader.with_progress(move |progress| telling.lock().unwrap().push(progress));
    loader.load(&upload()).await.unwrap();
    let told: Vec<Progress> = told.lock().unwrap().iter().copied().filter(is_written).collect();
    assert_eq!(told, [2, 2, 3].map(|levels| Progress::Written { levels, of: 3 }));
}

fn is_written(progress: &Progress) -> bool {
    matches!(progress, Progress::Written { .. })
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_until_it_gives_up() {
    let (writes, sent) = statements(|_, item| (item == "tea").then_some("ThrottlingError"));
    let error = load(&[object(THREE), rows(vec![]), writes]).await.unwrap_err();
    check_error(
        &error,
        ErrorKind::Throttled,
        "failed to write the levels of store \"Oslo\", item \"tea\": throttled: \
         ThrottlingError: the service says ThrottlingError",
    );
    let pauses = pauses(&sent);
    assert_eq!(pauses.len(), 12);
    for (at, pause) in pauses.iter().enumerate() {
        let least = Duration::from_millis(50 << at).min(Duration::from_secs(5));
        assert!((least..=least * 2 + Duration::from_millis(2)).contains(pause), "{at}: {pause:?}");
    }
    let all: Duration = pauses.iter().sum();
    assert!((30..70).contains(&all.as_secs()), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn two_writers_do_not_wait_alike() {
    let mut waits = Vec::new();
    for _ in 0..2 {
        let (writes, sent) = statements(|call, _| (call < 6).then_some("ThrottlingError"));
        load(&[object(ONE), rows(vec![]), writes]).await.unwrap();
        waits.push(pauses(&sent));
    }
    assert_ne!(waits[0], waits[1], "without chance in it, all who were throttled come back at once");
}

#[tokio::test(start_paused = true)]
async fn a_new_row_that_a_newer_upload_wrote_first_is_superseded() {
    let (writes, sent) = statements(|_, _| Some("DuplicateItem"));
    let (again, asked) = rows_by_key(|_, _| (vec![row("tea", "7", Some(NEWER))], vec![]));
    let loaded = load(&[object(ONE), rows(vec![]), writes, again]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 1 superseded"]);
    assert_eq!((items(&sent), asked.entries()), (vec![vec!["tea".to_owned()]], vec![vec!["tea".to_owned()]]));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_a_newer_upload_wrote_meanwhile_is_superseded() {
    let (writes, sent) = statements(|_, item| (item != "milk").then_some("ConditionalCheckFailed"));
    let (again, asked) =
        rows_by_key(|_, items| (items.iter().map(|item| row(item, "7", Some(NEWER))).collect(), vec![]));
    let old = ["milk", "tea", "yeast"].map(|item| row(item, "1", Some(OLDER)));
    let loaded = load(&[object(THREE), rows(old.to_vec()), writes, again]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 1 written, 2 superseded"]);
    assert_eq!(asked.entries(), [["tea", "yeast"]], "only rows whose condition failed are read again");
    assert_eq!(sent.entries().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_came_meanwhile_is_seen_by_looking_back() {
    let of_key = |key: &'static str, text: &'static str, mode: Option<&'static str>| {
        mock!(S3::get_object).match_requests(move |get| get.key() == Some(key)).then_output(move || {
            let metadata = mode.map(|mode| ("mode".to_owned(), mode.to_owned())).into_iter().collect();
            let body = ByteStream::from_static(text.as_bytes());
            GetObjectOutput::builder().body(body).set_metadata(Some(metadata)).build()
        })
    };
    let looked = mock!(DynamoDb::get_item).match_requests(|get| get.table_name() == Some("Stores"));
    let looked = looked.then_output(|| {
        let recent = AttributeValue::Ss(vec![format!("{NEWER} - uploads/late.csv")]);
        GetItemOutput::builder().item("Recent", recent).build()
    });
    let (writes, sent) = statements(|_, _| None);
    let late = of_key("late.csv", "store,item,count\nOslo,milk,1\n", Some("snapshot"));
    let old = rows(vec![row("tea", "1", Some(OLDER))]);
    let loaded = load(&[of_key("day.csv", ONE, None), late, old, looked, writes]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 1 written"]);
    assert_eq!(items(&sent), [["tea"], ["tea"]], "once as the file says, and once as the snapshot does");
}

#[tokio::test(start_paused = true)]
async fn a_write_of_ones_own_that_nobody_answered_counts_as_written() {
    for (code, before) in
        [("DuplicateItem", vec![]), ("ConditionalCheckFailed", vec![row("tea", "1", Some(OLDER))])]
    {
        let (writes, sent) = statements(move |_, _| Some(code));
        let (again, _) = rows_by_key(|_, _| (vec![row("tea", "4", Some(&own()))], vec![]));
        let loaded = load(&[object(ONE), rows(before), writes, again]).await.unwrap();
        assert_eq!(lines(&loaded), ["Oslo: 1 written"], "{code}");
        assert_eq!(sent.entries().len(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_failed_is_decided_by_what_is_there_now() {
    let insert = "INSERT INTO \"Inventory\" VALUE {'Store': ?, 'Item': ?, 'Count': ?, 'Version': ?}";
    let set = "UPDATE \"Inventory\" SET \"Count\" = ? SET \"Version\" = ? \
               REMOVE \"ReorderPoint\" REMOVE \"Name\" REMOVE \"Status\" REMOVE \"AlertShard\" \
               REMOVE \"ReorderPointVersion\" REMOVE \"NameVersion\" \
               WHERE \"Store\" = ? AND \"Item\" = ? AND \"Version\"";
    let others = "AND \"ReorderPointVersion\" IS MISSING AND \"NameVersion\" IS MISSING";
    let missing = format!("{set} IS MISSING {others}");
    let older = format!("{set} = ? {others}");
    let old = || row("tea", "1", Some(OLDER));
    let foreign = || row("tea", "1", None);
    for (before, after, first, second) in [
        (vec![], vec![old()], insert, &*older),
        (vec![], vec![foreign()], insert, &missing),
        (vec![foreign()], vec![old()], &missing, &older),
        (vec![old()], vec![foreign()], &older, &missing),
        (vec![old()], vec![], &older, insert),
    ] {
        let (writes, sent) = statements(|call, _| (call == 0).then_some("ConditionalCheckFailed"));
        let (again, _) = rows_by_key(move |_, _| (after.clone(), vec![]));
        let loaded = load(&[object(ONE), rows(before), writes, again]).await.unwrap();
        assert_eq!(lines(&loaded), ["Oslo: 1 written"]);
        let texts: Vec<String> = sent.entries().iter().map(|sent| sent.statements["tea"].clone()).collect();
        assert_eq!(texts, [first, second]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_became_as_the_file_says_is_unchanged() {
    let (writes, sent) = statements(|_, _| Some("DuplicateItem"));
    let (again, _) = rows_by_key(|_, _| (vec![row("tea", "4", None)], vec![]));
    let loaded = load(&[object(ONE), rows(vec![]), writes, again]).await.unwrap();
    assert_eq!((lines(&loaded), sent.entries().len()), (vec!["Oslo: 1 unchanged".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_others_keep_writing_is_given_up() {
    let (writes, sent) = statements(|_, _| Some("ConditionalCheckFailed"));
    let (again, _) = rows_by_key(|call, _| (vec![row("tea", &format!("{}", 50 + call), None)], vec![]));
    let error = load(&[object(ONE), rows(vec![]), writes, again]).await.unwrap_err();
    check_error(
        &error,
        ErrorKind::Unavailable,
        "failed to write the levels of store \"Oslo\" beside other writers: no good answer",
    );
    assert_eq!(sent.entries().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_is_refused_fails_the_upload() {
    for (code, kind, what) in [
        ("AccessDenied", ErrorKind::Denied, "access denied"),
        ("ValidationError", ErrorKind::Invalid, "invalid"),
        ("ItemCollectionSizeLimitExceeded", ErrorKind::Invalid, "invalid"),
        ("ResourceNotFound", ErrorKind::NotFound, "not found"),
    ] {
        let (writes, sent) = statements(move |_, item| (item == "tea").then_some(code));
        let error = load(&[object(THREE), rows(vec![]), writes]).await.unwrap_err();
        let text = format!(
            "failed to write the levels of store \"Oslo\", item \"tea\": {what}: {code}: the service says {code}"
        );
        check_error(&error, kind, &text);
        assert_eq!(sent.entries().len(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_fewer_statements_than_asked_is_no_answer() {
    for answers in [0, 2, 4] {
        let writes = mock!(DynamoDb::batch_execute_statement).then_output(move || {
            let answers = vec![BatchStatementResponse::builder().build(); answers];
            BatchExecuteStatementOutput::builder().set_responses(Some(answers)).build()
        });
        let error = load(&[object(THREE), rows(vec![]), writes]).await.unwrap_err();
        let text = format!(
            "failed to write the levels of store \"Oslo\": {answers} of 3 statements were answered: no good answer"
        );
        check_error(&error, ErrorKind::Unavailable, &text);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_the_service_leaves_out_are_asked_for_again() {
    let (writes, _) = statements(|call, _| (call == 0).then_some("DuplicateItem"));
    let (again, asked) = rows_by_key(|call, items| {
        let (now, left) = if call < 2 { items.split_at(1) } else { (items, &[][..]) };
        (now.iter().map(|item| row(item, "7", Some(NEWER))).collect(), left.to_vec())
    });
    let loaded = load(&[object(THREE), rows(vec![]), writes, again]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 3 superseded"]);
    assert_eq!(asked.entries(), [vec!["milk", "tea", "yeast"], vec!["tea", "yeast"], vec!["yeast"]]);
}

#[tokio::test(start_paused = true)]
async fn rows_that_the_service_leaves_out_for_good_are_throttled() {
    let (writes, _) = statements(|_, _| Some("DuplicateItem"));
    let (again, asked) = rows_by_key(|_, items| (vec![], items.to_vec()));
    let error = load(&[object(ONE), rows(vec![]), writes, again]).await.unwrap_err();
    check_error(&error, ErrorKind::Throttled, "failed to read the levels of store \"Oslo\": throttled");
    assert_eq!(asked.entries().len(), 13);
}

/// What DynamoDB answers to a request that it does not take.
fn refusing<I, O, E>(rule: RuleBuilder<I, O, E>, status: u16, exception: &str) -> Rule
where
    I: Debug + Send + Sync + 'static,
    O: Debug + Send + Sync + 'static,
    E: StdError + Send + Sync + 'static,
{
    let code = format!("com.amazonaws.dynamodb.v20120810#{exception}");
    let body = json!({ "__type": code, "message": "it says why" });
    rule.sequence().http_status(status, Some(body.to_string())).build()
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_fails_the_upload() {
    for (status, code, kind, what) in [
        (400, "AccessDeniedException", ErrorKind::Denied, "access denied"),
        (400, "ThrottlingException", ErrorKind::Throttled, "throttled"),
        (400, "ResourceNotFoundException", ErrorKind::NotFound, "not found"),
        (400, "ValidationException", ErrorKind::Invalid, "invalid"),
        (500, "InternalServerError", ErrorKind::Unavailable, "no good answer"),
    ] {
        let query = refusing(mock!(DynamoDb::query), status, code);
        let error = load(&[object(ONE), query]).await.unwrap_err();
        let text = format!("failed to read the levels of store \"Oslo\": {what}: {code}: it says why");
        check_error(&error, kind, &text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_taken_fails_the_upload() {
    let writes = refusing(mock!(DynamoDb::batch_execute_statement), 400, "ThrottlingException");
    let error = load(&[object(ONE), rows(vec![]), writes]).await.unwrap_err();
    let text = "failed to write the levels of store \"Oslo\": throttled: ThrottlingException: it says why";
    check_error(&error, ErrorKind::Throttled, text);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_is_not_kept_fails_the_upload() {
    let denied = refusing(mock!(DynamoDb::put_item), 400, "AccessDeniedException");
    let (writes, _) = statements(|_, _| None);
    let error = load(&[object(ONE), rows(vec![]), writes, denied]).await.unwrap_err();
    let text = "failed to keep the receipt of \"day.csv\": access denied: AccessDeniedException: it says why";
    check_error(&error, ErrorKind::Denied, text);
}

#[tokio::test(start_paused = true)]
async fn a_turnstile_that_is_closed_fails_the_upload() {
    for (is_claim, doing) in [(true, "claim store \"Oslo\""), (false, "keep the state of store \"Oslo\"")] {
        let update = mock!(DynamoDb::update_item).match_requests(move |update| {
            update.update_expression().is_some_and(|text| text.starts_with("ADD") == is_claim)
        });
        let denied = refusing(update, 400, "AccessDeniedException");
        let (writes, sent) = statements(|_, _| None);
        let error = load(&[object(ONE), rows(vec![]), writes, denied]).await.unwrap_err();
        let text = format!("failed to {doing}: access denied: AccessDeniedException: it says why");
        check_error(&error, ErrorKind::Denied, &text);
        assert_eq!(sent.entries().is_empty(), is_claim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_state_of_the_store_stays() {
    let showing =
        mock!(DynamoDb::update_item).match_requests(|update| update.condition_expression().is_some());
    let newer = refusing(showing, 400, "ConditionalCheckFailedException");
    let (writes, _) = statements(|_, _| None);
    let loaded = load(&[object(ONE), rows(vec![]), writes, newer.clone()]).await.unwrap();
    assert_eq!((lines(&loaded), newer.num_calls()), (vec!["Oslo: 1 written".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_25_statements_at_most() {
    let file =
        (0..60).fold("store,item,count\n".to_owned(), |file, item| format!("{file}Oslo,i{item:02},1\n"));
    let (writes, sent) = statements(|_, _| None);
    let loaded = load(&[object(file.leak()), rows(vec![]), writes]).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 60 written"]);
    let mut sizes: Vec<usize> = items(&sent).iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [10, 25, 25]);
    let all: std::collections::BTreeSet<String> = items(&sent).concat().into_iter().collect();
    assert_eq!(all.len(), 60);
}

/// The SDK tries again by itself; what its last try comes to is not all.
#[tokio::test(start_paused = true)]
async fn what_a_try_before_asked_for_may_still_take_effect() {
    for (first, leaves) in [(503, 0), (400, 1)] {
        let refused = |code: &str| {
            let code = format!("com.amazonaws.dynamodb.v20120810#{code}");
            Some(json!({ "__type": code, "message": "it says why" }).to_string())
        };
        let writes = mock!(DynamoDb::batch_execute_statement)
            .sequence()
            .http_status(first, refused("ThrottlingException"))
            .http_status(400, refused("AccessDeniedException"))
            .build();
        let leaving = mock!(DynamoDb::update_item)
            .match_requests(|update| {
                update.update_expression().is_some_and(|text| text.starts_with("DELETE"))
            })
            .then_output(|| UpdateItemOutput::builder().build());
        let rules = [object(ONE), rows(vec![]), writes, leaving.clone(), receipts(), turnstile()];
        retrying(&rules).load(&upload()).await.unwrap_err();
        assert_eq!(leaving.num_calls(), leaves, "{first}");
    }
}

/// Whoever sees the attempt inside has to mind what it may still do.
#[tokio::test(start_paused = true)]
async fn what_may_still_take_effect_keeps_an_attempt_inside() {
    for (status, code, leaves) in [(500, "InternalServerError", 0), (400, "AccessDeniedException", 1)] {
        let writes = refusing(mock!(DynamoDb::batch_execute_statement), status, code);
        let leaving = mock!(DynamoDb::update_item)
            .match_requests(|update| {
                update.update_expression().is_some_and(|text| text.starts_with("DELETE"))
            })
            .then_output(|| UpdateItemOutput::builder().build());
        load(&[object(ONE), rows(vec![]), writes, leaving.clone()]).await.unwrap_err();
        assert_eq!(leaving.num_calls(), leaves, "{code}");
    }
}
