use std::error::Error as StdError;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What went wrong with a service, and whether a retry can help.
///
/// A file that is not understood is no error: it is an outcome of the upload,
/// kept with its reason.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    doing: String,
    reason: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// A try before was not answered.
    unanswered: bool,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service asks for fewer requests; later it will answer.
    Throttled,
    /// No answer came, or the service failed; whether the request had an
    /// effect is not known.
    Unavailable,
    /// The credentials do not allow it.
    Denied,
    /// The bucket, object, table or topic is not there.
    NotFound,
    /// The request, or what was asked to be worked on, makes no sense.
    Invalid,
    /// There was no time left to do it; what was done until then is right.
    OutOfTime,
}

impl Error {
    /// An error of a kind, at doing something: words that fit after "failed
    /// to". For a [`Publish`](crate::Publish) of one's own.
    pub fn new(kind: ErrorKind, doing: impl Into<String>) -> Error {
        Error { kind, doing: doing.into(), reason: None, source: None, unanswered: false }
    }

    /// The kind of error that a service's answer is.
    pub(crate) fn of_service<E, R>(doing: impl Into<String>, error: SdkError<E, R>) -> Error
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let (kind, reason) = match &error {
            SdkError::ServiceError(answer) => {
                let code = answer.err().code().unwrap_or_default();
                (ErrorKind::of_code(code), reason(code, answer.err().message()))
            }
            SdkError::ConstructionFailure(_) => (ErrorKind::Invalid, None),
            _ => (ErrorKind::Unavailable, None),
        };
        Error { reason, ..Error::new(kind, doing) }.caused_by(error)
    }

    /// What a service says of one part of a request.
    pub(crate) fn of_part(doing: impl Into<String>, code: &str, message: Option<&str>) -> Error {
        let kind = ErrorKind::of_code(code);
        Error { reason: reason(code, message), ..Error::new(kind, doing) }
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error { source: Some(source.into()), ..self }
    }

    /// The same error for another part of what failed: an error's source
    /// cannot be copied, so what it says becomes the reason.
    pub(crate) fn without_source(&self) -> Error {
        let said = || self.sources().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let reason = self.reason.clone().unwrap_or_else(said);
        let unanswered = self.unanswered;
        Error { reason: Some(reason), unanswered, ..Error::new(self.kind, self.doing.clone()) }
    }

    /// The same error after a try of the same request that was not answered.
    pub(crate) fn after_silence(self) -> Error {
        Error { unanswered: true, ..self }
    }

    /// What caused it, and what caused that, and so on.
    fn sources(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        std::iter::successors(self.source(), |&error| error.source())
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::OutOfTime)
    }

    /// Whether what was asked may still happen, or be found to have happened.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.kind == ErrorKind::Unavailable || self.unanswered
    }
}

impl ErrorKind {
    /// The kind that a service's error code stands for, of a whole request or
    /// of one statement of a batch. A code that is not known here is taken for
    /// the service's own failure, so that a retry may help.
    pub(crate) fn of_code(code: &str) -> ErrorKind {
        match code {
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "ExpiredTokenException"
            | "InvalidSignatureException"
            | "KMSAccessDenied"
            | "UnrecognizedClientException" => ErrorKind::Denied,
            "NoSuchBucket"
            | "NoSuchKey"
            | "NoSuchVersion"
            | "NotFound"
            | "NotFoundException"
            | "ResourceNotFound"
            | "ResourceNotFoundException" => ErrorKind::NotFound,
            "InvalidParameter"
            | "InvalidParameterException"
            | "ItemCollectionSizeLimitExceeded"
            | "SerializationException"
            | "ValidationError"
            | "ValidationException" => ErrorKind::Invalid,
            "LimitExceededException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "SlowDown"
            | "Throttled"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingError"
            | "ThrottlingException" => ErrorKind::Throttled,
            _ => ErrorKind::Unavailable,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Throttled => "throttled",
            ErrorKind::Unavailable => "no good answer",
            ErrorKind::Denied => "access denied",
            ErrorKind::NotFound => "not found",
            ErrorKind::Invalid => "invalid",
            ErrorKind::OutOfTime => "out of time",
        };
        write!(f, "failed to {}: {what}", self.doing)?;
        if let Some(reason) = &self.reason {
            return write!(f, ": {reason}");
        }
        self.sources().try_for_each(|error| write!(f, ": {error}"))
    }
}

/// Whether a request was refused because its condition is not true.
pub(crate) fn is_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(E::code) == Some("ConditionalCheckFailedException")
}

/// What a service says, if it says anything.
fn reason(code: &str, message: Option<&str>) -> Option<String> {
    let said: Vec<&str> = [code, message.unwrap_or_default()].into_iter().filter(|s| !s.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(": "))
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
