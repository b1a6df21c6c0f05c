//! What the AWS side promises, at its public boundary: one binary, because it
//! links once.

#[cfg(test)]
mod support;

#[cfg(test)]
mod events;

#[cfg(test)]
mod mocks;

#[cfg(feature = "embedded")]
#[cfg(test)]
mod embedded;

#[cfg(feature = "embedded")]
#[cfg(test)]
mod random;
