//! The real clients with answers that no healthy service gives.

mod latency;
mod ledger;
mod loading;
mod objects;
mod publishing;
mod unreachable;
