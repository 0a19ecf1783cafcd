//! System tests: the whole app from the outside, by its real surfaces.

mod support;

mod accessibility;
mod analysis;
mod architecture;
mod browser;
mod campaign;
mod clients_agree;
mod control;
mod downgrade;
mod headless;
mod master;
mod mastering;
mod mpris;
mod notices;
mod offline_folder;
mod open_files;
mod races;
mod remote;
mod restart;
mod rooms;
mod screenshots;
mod scrobbling;
mod state_stream;
mod tray;
mod window;
