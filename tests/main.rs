//! The whole app from outside, as listeners and clients meet it.

mod support;

mod browser;
mod headless;
mod mpris;
mod pictures;
mod races;
mod restart;
mod tidy;
mod window;
