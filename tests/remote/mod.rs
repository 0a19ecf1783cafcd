//! The remote door: the first contract, other devices, and clients that mean ill.

mod classic;
mod cross_site;
mod devices;
mod hostile;
mod switched;
