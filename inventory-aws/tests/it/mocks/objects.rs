use std::io::{Read, Write};
use std::net::TcpListener;

use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_mocks::mock;
use inventory_aws::{ErrorKind, Loader, Tables};

use crate::support::answers::{
    config, dynamodb, load, loader, object, receipts, rows, statements, turnstile, upload,
};
use crate::support::events::{Put, s3_event};
use crate::support::lines;

fn failure(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_fails_the_upload() {
    for (status, code, kind, what) in [
        (404, "NoSuchKey", ErrorKind::NotFound, "not found"),
        (404, "NoSuchBucket", ErrorKind::NotFound, "not found"),
        (404, "NoSuchVersion", ErrorKind::NotFound, "not found"),
        (403, "AccessDenied", ErrorKind::Denied, "access denied"),
        (503, "SlowDown", ErrorKind::Throttled, "throttled"),
        (500, "InternalError", ErrorKind::Unavailable, "no good answer"),
    ] {
        let body = failure(code, "The service says why.");
        let get = mock!(S3::get_object).sequence().http_status(status, Some(body)).build();
        let error = load(&[get]).await.unwrap_err();
        let text = format!("failed to read s3://uploads/day.csv: {what}: {code}: The service says why.");
        assert_eq!(error.to_string(), text);
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.is_retryable(), status >= 500, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_reason_ends_with_what_it_was() {
    let get = mock!(S3::get_object).sequence().http_status(503, None).build();
    let error = load(&[get]).await.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.to_string().trim_end_matches([':', ' ']), error.to_string());
}

#[tokio::test(start_paused = true)]
async fn the_version_that_the_event_names_is_read() {
    let object = GetObjectOutput::builder;
    let get = mock!(S3::get_object)
        .match_requests(|get| {
            (get.bucket(), get.key(), get.version_id()) == (Some("uploads"), Some("a b.csv"), Some("v7"))
        })
        .then_output(move || {
            object().body(ByteStream::from_static(b"store,item,count\nOslo,tea,4\n")).build()
        });
    let mut upload = upload();
    upload.key = "a b.csv".to_owned();
    upload.object_version = Some("v7".to_owned());
    let (writes, _) = statements(|_, _| None);
    let loaded = loader(&[get, rows(vec![]), writes, receipts(), turnstile()]).load(&upload).await.unwrap();
    assert_eq!(lines(&loaded), ["Oslo: 1 written"]);
}

/// Serves one object as far as its answer goes, and hangs up.
fn hang_up_after(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client comes");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("it asks");
            request.extend(byte);
        }
        stream.write_all(answer.as_bytes()).expect("it listens");
    });
    format!("http://{address}")
}

#[tokio::test]
async fn of_a_body_that_breaks_off_nothing_is_written() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nstore,item,count\nOslo,milk,9\nOslo,tea,4\n";
    let config = config!(aws_sdk_s3).endpoint_url(hang_up_after(whole)).force_path_style(true);
    let s3 = S3::from_conf(config.build());
    let loader = Loader::new(s3, dynamodb(&[receipts()]), Tables::default());
    let error = loader.load(&upload()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unavailable, true));
    assert_eq!(
        error.to_string(),
        "failed to read s3://uploads/day.csv: no good answer: streaming error: \
         error reading a body from connection: end of file before message length reached"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_on_after_an_upload_that_fails() {
    let gone = mock!(S3::get_object)
        .match_requests(|get| get.key() == Some("gone.csv"))
        .sequence()
        .http_status(404, Some(failure("NoSuchKey", "gone")))
        .build();
    let denied = mock!(S3::get_object)
        .match_requests(|get| get.key() == Some("denied.csv"))
        .sequence()
        .http_status(403, Some(failure("AccessDenied", "no")))
        .build();
    let (writes, sent) = statements(|_, _| None);
    let rules = [
        gone,
        denied,
        object("store,item,count\nOslo,tea,4\n"),
        rows(vec![]),
        writes,
        receipts(),
        turnstile(),
    ];
    let event = s3_event(&["gone.csv", "denied.csv", "day.csv"].map(|key| Put::nth(1, key)));
    let error = loader(&rules).handle(&event).await.unwrap_err();
    assert_eq!(error.to_string(), "failed to read s3://uploads/gone.csv: not found: NoSuchKey: gone");
    assert_eq!(sent.entries().len(), 1, "the third upload is loaded all the same");

    let loaded = loader(&rules[2..]).handle(&s3_event(&[Put::nth(1, "day.csv")])).await.unwrap();
    assert_eq!(lines(&loaded[0]), ["Oslo: 1 written"]);
}
