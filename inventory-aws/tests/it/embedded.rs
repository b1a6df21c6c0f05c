//! The whole way over the embedded servers.

mod following;
mod large;
mod receipts;
mod restart;
mod rows;
mod scopes;
mod versions;
