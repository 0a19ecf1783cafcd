//! The HTTP server: the v1 API, pairing, access checks and misbehaving clients.

mod api_v1;
mod cross_site;
mod fuzz;
pub mod pairing;
mod security;
mod settings;
