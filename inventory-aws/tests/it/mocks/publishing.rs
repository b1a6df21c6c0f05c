use aws_sdk_sns::Client as Sns;
use aws_sdk_sns::operation::publish_batch::{PublishBatchInput, PublishBatchOutput};
use aws_sdk_sns::types::{BatchResultErrorEntry, PublishBatchRequestEntry, PublishBatchResultEntry};
use aws_smithy_mocks::{Rule, mock};
use inventory_aws::{Error, ErrorKind, Publish, PublishReceipt, Topic};
use inventory_core::receipt::{File, Outcome, UploadReceipt};
use inventory_core::{
    Change, Item, Level, Notice, Policy, Receipt, Store, Version, notices, read, transitions,
};
use serde_json::{Value, json};

use crate::support::answers::{Log, sns};
use crate::support::notices::{sold_out, sold_out_of};

const ARN: &str = "arn:aws:sns:eu-north-1:123456789012:stock";

async fn publish(rules: &[Rule], notices: &[Notice]) -> Vec<Result<(), Error>> {
    Topic::new(sns(rules), ARN).publish(notices).await
}

/// What of each notice: "published", or the error.
async fn outcomes(rules: &[Rule], notices: &[Notice]) -> Vec<String> {
    let results = publish(rules, notices).await;
    results
        .iter()
        .map(|result| result.as_ref().map_or_else(Error::to_string, |()| "published".to_owned()))
        .collect()
}

/// Accepts all messages, and notes the requests.
fn accepting() -> (Rule, Log<Vec<PublishBatchRequestEntry>>) {
    let log = Log::new();
    let noted = log.clone();
    let rule = mock!(Sns::publish_batch).then_compute_output(move |request| {
        noted.note(request.publish_batch_request_entries().to_vec());
        let ids = request.publish_batch_request_entries().iter().map(PublishBatchRequestEntry::id);
        let accepted = ids.map(|id| PublishBatchResultEntry::builder().id(id).build()).collect();
        PublishBatchOutput::builder().set_successful(Some(accepted)).build()
    });
    (rule, log)
}

fn failed(id: &str, code: &str, message: &str) -> BatchResultErrorEntry {
    BatchResultErrorEntry::builder()
        .id(id)
        .code(code)
        .message(message)
        .sender_fault(false)
        .build()
        .expect("it is whole")
}

/// Tea sold out, milk runs low and yeast is back.
fn mixed() -> Notice {
    let store = Store::new("Oslo Grünerløkka").unwrap();
    let change = |item: &str, before: i32, after: i32| {
        let level = |quantity: i32| {
            let mut level = Level::of(quantity.into());
            level.reorder_point = Some(2.into());
            level
        };
        Change::between(&store, &Item::new(item).unwrap(), Some(level(before)), Some(level(after)))
    };
    let changes = [change("tea", 5, 0), change("milk", 5, 2), change("yeast", 0, 9), change("rum", 5, 0)];
    let policy = Policy::default();
    notices(transitions(changes.into_iter().flatten(), &policy), &policy).pop().unwrap()
}

#[tokio::test]
async fn a_message_has_a_subject_a_form_for_each_protocol_and_what_to_filter_by() {
    let (rule, log) = accepting();
    let notice = mixed();
    assert_eq!(outcomes(&[rule], std::slice::from_ref(&notice)).await, ["published"]);
    let requests = log.entries();
    let [message] = &requests[0][..] else { panic!("{requests:?}") };
    assert_eq!(message.subject(), Some("Oslo Grunerlokka: 2 sold out, 1 running low, 1 back in stock"));
    assert_eq!(message.message_structure(), Some("json"));
    let forms: Value = serde_json::from_str(message.message()).unwrap();
    assert_eq!((&forms["email"], &forms["sms"]), (&json!(notice.text()), &json!(notice.sms())));
    let document: Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
    assert_eq!(document, serde_json::to_value(notice.document()).unwrap());
    assert_eq!(forms.as_object().unwrap().len(), 3);
    let attributes = message.message_attributes().unwrap();
    let attribute = |name: &str| (attributes[name].data_type(), attributes[name].string_value().unwrap());
    assert_eq!(attributes.len(), 3);
    assert_eq!(attribute("severity"), ("String", "critical"));
    assert_eq!(attribute("store"), ("String", "Oslo Grünerløkka"));
    assert_eq!(attribute("kinds"), ("String.Array", r#"["sold_out","running_low","back_in_stock"]"#));
}

#[tokio::test]
async fn the_topic_is_the_one_it_was_made_for() {
    let of_topic = |request: &PublishBatchInput| request.topic_arn() == Some(ARN);
    let rule = mock!(Sns::publish_batch)
        .match_requests(of_topic)
        .then_output(|| PublishBatchOutput::builder().build());
    publish(std::slice::from_ref(&rule), &[sold_out("Oslo", 1)]).await;
    assert_eq!(rule.num_calls(), 1);
}

#[tokio::test]
async fn without_notices_nothing_is_asked() {
    assert_eq!(outcomes(&[], &[]).await, [""; 0]);
}

#[tokio::test]
async fn each_message_has_its_own_outcome() {
    let rule = mock!(Sns::publish_batch).then_output(|| {
        let accepted = PublishBatchResultEntry::builder().id("3").build();
        PublishBatchOutput::builder()
            .successful(accepted)
            .failed(failed("0", "InternalError", "try again"))
            .failed(failed("2", "InvalidParameter", "Invalid parameter: Subject"))
            .failed(failed("1", "ThrottledException", ""))
            .build()
    });
    let notices = ["Bergen", "Kyoto", "Lyon", "Oslo", "Turku"].map(|store| sold_out(store, 1));
    let doing = format!("failed to publish to {ARN}");
    assert_eq!(
        outcomes(std::slice::from_ref(&rule), &notices).await,
        [
            format!("{doing}: no good answer: InternalError: try again"),
            format!("{doing}: throttled: ThrottledException"),
            format!("{doing}: invalid: InvalidParameter: Invalid parameter: Subject"),
            "published".to_owned(),
            format!("{doing}: no good answer"),
        ]
    );
    let retryable =
        publish(&[rule], &notices).await.into_iter().map(|result| result.err().map(|e| e.is_retryable()));
    assert_eq!(retryable.collect::<Vec<_>>(), [Some(true), Some(true), Some(false), None, Some(true)]);
}

#[tokio::test]
async fn an_answer_of_messages_that_nobody_sent_says_nothing() {
    let rule = mock!(Sns::publish_batch).then_output(|| {
        let accepted = ["1", "01x", ""].map(|id| PublishBatchResultEntry::builder().id(id).build());
        let unnamed = PublishBatchResultEntry::builder().build();
        PublishBatchOutput::builder().set_successful(Some(accepted.into())).successful(unnamed).build()
    });
    assert_eq!(
        outcomes(&[rule], &[sold_out("Oslo", 1)]).await,
        [format!("failed to publish to {ARN}: no good answer")]
    );
}

#[tokio::test]
async fn when_a_request_fails_each_of_its_messages_does() {
    for (status, code, kind, what) in [
        (403, "AuthorizationError", ErrorKind::Denied, "access denied"),
        (403, "KMSAccessDenied", ErrorKind::Denied, "access denied"),
        (404, "NotFound", ErrorKind::NotFound, "not found"),
        (400, "InvalidParameter", ErrorKind::Invalid, "invalid"),
        (400, "Throttling", ErrorKind::Throttled, "throttled"),
        (500, "InternalError", ErrorKind::Unavailable, "no good answer"),
    ] {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>why not</Message></Error></ErrorResponse>"
        );
        let rule = mock!(Sns::publish_batch).sequence().http_status(status, Some(body)).build();
        let results = publish(&[rule], &[sold_out("Bergen", 1), sold_out("Oslo", 1)]).await;
        assert_eq!(results.len(), 2);
        for error in results.into_iter().map(Result::unwrap_err) {
            assert_eq!(error.to_string(), format!("failed to publish to {ARN}: {what}: {code}: why not"));
            assert_eq!(error.kind(), kind, "{code}");
        }
    }
}

#[tokio::test]
async fn more_than_ten_notices_go_in_more_requests() {
    let (rule, log) = accepting();
    let stores: Vec<String> = (0..23).map(|store| format!("Store {store:02}")).collect();
    let notices: Vec<Notice> = stores.iter().map(|store| sold_out(store, 1)).collect();
    assert_eq!(outcomes(&[rule], &notices).await, vec!["published"; 23]);
    let requests = log.entries();
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    let subjects: Vec<&str> =
        requests.iter().flatten().filter_map(PublishBatchRequestEntry::subject).collect();
    assert_eq!(subjects, stores.iter().map(|store| format!("{store}: 1 sold out")).collect::<Vec<_>>());
    for request in &requests {
        let ids: std::collections::HashSet<&str> = request.iter().map(PublishBatchRequestEntry::id).collect();
        assert_eq!(ids.len(), request.len(), "ids are distinct");
    }
}

#[tokio::test]
async fn a_request_that_fails_leaves_the_others_alone() {
    let denied =
        "<ErrorResponse><Error><Code>Throttling</Code><Message>slow down</Message></Error></ErrorResponse>";
    let refused = mock!(Sns::publish_batch)
        .match_requests(|request| {
            request
                .publish_batch_request_entries()
                .iter()
                .any(|entry| entry.subject() == Some("Store 15: 1 sold out"))
        })
        .sequence()
        .http_status(400, Some(denied.to_owned()))
        .build();
    let notices: Vec<Notice> = (0..23).map(|store| sold_out(&format!("Store {store:02}"), 1)).collect();
    let outcomes = outcomes(&[refused, accepting().0], &notices).await;
    let published: Vec<usize> = (0..23).filter(|&at| outcomes[at] == "published").collect();
    assert_eq!(published, (0..10).chain(20..23).collect::<Vec<_>>());
}

/// What SNS counts as a message's size: all of its parts.
fn size(message: &PublishBatchRequestEntry) -> usize {
    let attributes =
        message.message_attributes().into_iter().flatten().map(|(name, value)| {
            name.len() + value.data_type().len() + value.string_value().map_or(0, str::len)
        });
    message.message().len() + attributes.sum::<usize>()
}

/// Publishes them all, and says how many messages each request had; none may
/// be larger than SNS takes.
async fn requests_of(notices: &[Notice]) -> Vec<usize> {
    let (rule, log) = accepting();
    assert_eq!(outcomes(&[rule], notices).await, vec!["published"; notices.len()]);
    for request in log.entries() {
        let bytes: usize = request.iter().map(size).sum();
        assert!(bytes <= 256 * 1024, "{bytes} bytes in a request of {}", request.len());
    }
    log.entries().iter().map(Vec::len).collect()
}

/// A notice of items whose codes take 4,000 bytes each in a message.
fn large(store: &str, items: usize) -> Notice {
    sold_out_of(store, (0..items).map(|item| format!("{item:02}{}", "\"".repeat(999))))
}

#[tokio::test]
async fn a_request_has_at_most_256_kb_of_messages() {
    let notices: Vec<Notice> = (0..4).map(|store| large(&format!("Store {store}"), 30)).collect();
    assert_eq!(requests_of(&notices).await, [2, 2]);
    assert_eq!(requests_of(&[large("Oslo", 60), sold_out("Turku", 1)]).await, [2]);
}

#[tokio::test]
async fn a_notice_that_is_too_long_goes_in_parts() {
    let topic = Topic::new(sns(&[]), ARN);
    let whole = large("Oslo", 200);
    assert!(!topic.fits(&whole) && topic.fits(&large("Oslo", 60)));
    let parts = whole.split(|part| topic.fits(part));
    assert_eq!(parts.iter().map(|part| part.transitions().count()).sum::<usize>(), 200);
    assert_eq!(parts[3].subject(), "Oslo: 50 sold out (part 4 of 4)");
    assert_eq!(requests_of(&parts).await, [1, 1, 1, 1]);
}

#[tokio::test]
async fn five_thousand_items_of_a_store_are_one_message() {
    let name = "Emmental de Savoie AOP, 250 g, coupé";
    let store = Store::new("Lyon Bellecour").unwrap();
    let gone = (0..5_000).filter_map(|item| {
        let mut level = Level::of(0.into());
        level.name = Some(name.into());
        Change::between(&store, &Item::new(format!("21011{item:08}")).unwrap(), None, Some(level))
    });
    let policy = Policy::default();
    let notice = notices(transitions(gone, &policy), &policy).pop().unwrap();
    let parts = notice.split(|part| Topic::new(sns(&[]), ARN).fits(part));
    assert_eq!(parts.len(), 1);
    assert_eq!(requests_of(&parts).await, [1]);
    assert!(parts[0].text().ends_with("\nand 4950 more\n"));
    assert_eq!(serde_json::to_value(parts[0].document()).unwrap()["more"], 4_500);
}

#[tokio::test]
async fn the_attributes_of_messages_count_too() {
    let store = "S".repeat(2000);
    let notices: Vec<Notice> = (0..3).map(|_| large(&store, 42)).collect();
    requests_of(&notices).await;
}

#[tokio::test]
async fn a_name_of_many_marks_does_not_make_a_message_too_large() {
    let store = Store::new("Oslo").unwrap();
    let changes = (0..50).filter_map(|item| {
        let mut level = Level::of(0.into());
        level.name = Some(format!("e{}", "\u{301}".repeat(3_000)).into());
        Change::between(&store, &Item::new(format!("{item}")).unwrap(), None, Some(level))
    });
    let policy = Policy::default();
    let notices = notices(transitions(changes, &policy), &policy);
    requests_of(&notices).await;
}

fn version() -> Version {
    Version::new("2026-11-02T07:00:00Z".parse().unwrap(), "01")
}

/// Publishes a receipt, and gives the message.
async fn message_of(receipt: &UploadReceipt<'_>) -> PublishBatchRequestEntry {
    let (rule, log) = accepting();
    Topic::new(sns(&[rule]), ARN).publish_receipt(receipt).await.expect("it is accepted");
    let requests = log.entries();
    let [message] = &requests[0][..] else { panic!("{requests:?}") };
    message.clone()
}

#[tokio::test]
async fn a_receipt_has_the_same_forms_and_a_kind_of_its_own() {
    let (version, oslo) = (version(), Store::new("Oslo").unwrap());
    let file = File { bucket: "uploads", key: "day.csv" };
    let mut receipt = UploadReceipt::new(file, &version, Outcome::Applied);
    receipt.counts = Receipt::rejected_only(2);
    for (store, expect) in [(Some(&oslo), "Oslo"), (None, "(unknown)")] {
        receipt.store = store;
        let message = message_of(&receipt).await;
        assert_eq!(message.subject(), Some(&*receipt.subject()));
        let forms: Value = serde_json::from_str(message.message()).unwrap();
        assert_eq!((&forms["email"], &forms["sms"]), (&json!(receipt.text()), &json!(receipt.sms())));
        let document: Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
        assert_eq!(document, serde_json::to_value(receipt.document()).unwrap());
        let attributes = message.message_attributes().unwrap();
        let attribute = |name: &str| attributes[name].string_value().unwrap();
        assert_eq!(
            [attribute("store"), attribute("kinds"), attribute("severity")],
            [expect, r#"["receipt","rejected"]"#, "warning"]
        );
    }
}

#[tokio::test]
async fn the_longest_receipt_fits_into_a_message() {
    let hard = "\u{1}".repeat(2_000);
    let mut reject = read(b"store,item,count\nOslo,milk,x\n").unwrap().rejects.pop().unwrap();
    (reject.value, reject.raw) = (hard.clone(), hard.clone());
    let rejects = vec![reject; 100];
    let (version, store) = (version(), Store::new("\"".repeat(2_000)).unwrap());
    let key = &hard[..1024];
    let mut receipt = UploadReceipt::new(File { bucket: "uploads", key }, &version, Outcome::Refused);
    (receipt.store, receipt.reason, receipt.rejects) = (Some(&store), Some(&*hard), &rejects);
    receipt.table = Some(File { bucket: "receipts", key });
    receipt.counts = Receipt::rejected_only(u64::MAX);
    let bytes = size(&message_of(&receipt).await);
    assert!(bytes <= 256 * 1024, "{bytes}");
}

#[tokio::test]
async fn a_receipt_that_is_not_accepted_is_an_error() {
    let rule = mock!(Sns::publish_batch).then_output(|| {
        PublishBatchOutput::builder().failed(failed("0", "InternalError", "try again")).build()
    });
    let version = version();
    let file = File { bucket: "uploads", key: "day.csv" };
    let receipt = UploadReceipt::new(file, &version, Outcome::Refused);
    let error = Topic::new(sns(&[rule]), ARN).publish_receipt(&receipt).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("failed to publish to {ARN}: no good answer: InternalError: try again")
    );
}
