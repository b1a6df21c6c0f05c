//! The whole way over the embedded servers.

mod ahead;
mod deadlines;
mod following;
mod large;
mod layouts;
mod ledger;
mod outcomes;
mod quarantine;
mod receipts;
mod reports;
mod restart;
mod rows;
mod scopes;
mod snapshots;
mod versions;
