//! The whole app from outside, as listeners and clients meet it.

mod support;

mod accessibility;
mod analysis;
mod browser;
mod control;
mod headless;
mod master;
mod mastering;
mod mpris;
mod notices;
mod opening;
mod pictures;
mod races;
mod remote;
mod restart;
mod scrobbling;
mod stream;
mod surfaces;
mod tidy;
mod tray;
mod updating;
mod window;
