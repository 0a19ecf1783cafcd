//! The thread that opens and closes the device, which may take its time.

use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, channel},
};

use crate::{
    output::{Connect, Deck, Health, Output, OutputError},
    source::{Levels, Underruns},
};

/// What the engine asks.
pub enum DeviceOrder {
    /// Open the device of the moment.
    Open,
    /// Close it.
    Close,
}

/// A device that was opened for the engine.
pub struct OpenDevice {
    /// As the sound server calls it.
    pub name: String,
    /// Frames per second.
    pub rate_hz: u32,
    /// How it fares.
    pub health: Arc<Health>,
    /// The engine's side of it.
    pub deck: Deck,
}

/// Starts the thread. It ends, and closes the device, when the sender is dropped; `closed` is dropped after that.
pub fn start(
    mut output: Box<dyn Output>,
    levels: Arc<Levels>,
    underruns: Arc<Underruns>,
    report: impl Fn(Result<OpenDevice, OutputError>) + Send + 'static,
    closed: Sender<()>,
) -> std::io::Result<Sender<DeviceOrder>> {
    let (orders, inbox): (_, Receiver<DeviceOrder>) = channel();
    std::thread::Builder::new().name("output".into()).spawn(move || {
        let mut stream = None;
        for order in inbox {
            drop(stream.take()); // the old device first: some can be opened only once
            if let DeviceOrder::Open = order {
                let result = open(&mut *output, &levels, &underruns);
                report(result.map(|(device, guard)| {
                    stream = Some(guard);
                    device
                }));
            }
        }
        drop(stream);
        drop(closed);
    })?;
    Ok(orders)
}

type Guard = Box<dyn std::any::Any + Send>;

fn open(
    output: &mut dyn Output,
    levels: &Arc<Levels>,
    underruns: &Arc<Underruns>,
) -> Result<(OpenDevice, Guard), OutputError> {
    let health = Arc::new(Health::default());
    let (deck, decks) = channel();
    let connect = Connect { levels: levels.clone(), underruns: underruns.clone(), health: health.clone(), deck };
    let opened = output.open(connect)?;
    // An output that tried several devices has the last one open.
    let deck = decks.try_iter().last().ok_or_else(|| OutputError("The sound device gave no sign of life.".into()))?;
    Ok((OpenDevice { name: opened.name, rate_hz: opened.rate_hz, health, deck }, opened.stream))
}
