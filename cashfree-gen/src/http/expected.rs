//! What the success response of an operation must hold to be taken for its own.

mod check;

/// Expected content of a success response of an operation.
///
/// A proxy, a captive portal or a response that belongs to another request can carry the status 200 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The shape of the response body.
    pub shape: Shape,
    /// The fields that repeat a value of the request. In a list, each element holds them.
    pub identity: &'static [Identity],
    /// Top-level fields of which each response (in a list, each element) holds at least one that is not null. No
    /// error body holds one of them. Empty where nothing is known of the response.
    pub fields: &'static [&'static str],
}

/// The shape of a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// A JSON object. The published examples of some show it as a list of one element.
    Object,
    /// A JSON list. That of a read may be empty.
    List,
    /// An empty JSON object, or no body.
    Empty,
    /// Anything: an upload or download, or a response that the document does not describe.
    Any,
}

/// A top-level field of a response that equals a value of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The field of the response.
    pub field: &'static str,
    /// Where the request carries the value. A request may leave an optional field of its body out: then the response
    /// is not compared.
    pub source: Source,
    /// Whether the field stands in each response. Otherwise a response without it says nothing.
    pub always: bool,
}

/// Place of a value in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The parameter of this name in the path.
    Path(&'static str),
    /// The top-level field of this name in the JSON body.
    Body(&'static str),
}

/// Error of a response body that is not that of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// What is wrong with it. Repeats no value.
    pub reason: String,
    /// Whether it has none of the fields of a success.
    pub is_without_fields: bool,
}
