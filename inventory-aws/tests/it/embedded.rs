//! The whole way over the embedded servers.

mod deadlines;
mod following;
mod large;
mod layouts;
mod ledger;
mod outcomes;
mod receipts;
mod reports;
mod restart;
mod rows;
mod scopes;
mod versions;
