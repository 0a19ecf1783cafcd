//! The thread that opens and closes the device, which may take its time.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::Duration,
};

use auralis_core::{OutputId, OutputRow};

use crate::{
    output::{Connect, Deck, Health, Opened, Output, OutputError},
    source::{Levels, Underruns},
};

/// How often it looks which outputs there are. While one is open that decides how long what went to the headphones is
/// heard from the speakers, when they are unplugged and the server moves the stream.
const LOOK_OPEN: Duration = Duration::from_millis(200);
const LOOK_CLOSED: Duration = Duration::from_secs(2);

/// What the engine asks.
pub enum DeviceOrder {
    /// Open the device of the moment.
    Open,
    /// Close it.
    Close,
    /// From the next opening on, open this one while it is there, else the system's default.
    Choose(Option<OutputId>),
}

/// What the thread says.
pub enum DeviceReport {
    /// A device is open.
    Opened(OpenDevice),
    /// There is none.
    Missing(OutputError),
    /// What there is to choose from.
    Listed(Vec<OutputRow>),
}

/// A device that was opened for the engine.
pub struct OpenDevice {
    /// Names it.
    pub id: OutputId,
    /// As the sound server calls it.
    pub name: String,
    /// Frames per second.
    pub rate_hz: u32,
    /// Bits of a sample that it keeps.
    pub bits: u32,
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
    report: impl Fn(DeviceReport) + Send + 'static,
    closed: Sender<()>,
) -> std::io::Result<Sender<DeviceOrder>> {
    let (orders, inbox): (_, Receiver<DeviceOrder>) = channel();
    std::thread::Builder::new().name("output".into()).spawn(move || {
        let mut stream = None;
        let mut chosen = None;
        let mut listed = None;
        let mut list = |output: &mut dyn Output| {
            let outputs = Some(output.list());
            if outputs != listed {
                listed = outputs;
                report(DeviceReport::Listed(listed.clone().unwrap_or_default()));
            }
        };
        list(&mut *output);
        loop {
            let order = match inbox.recv_timeout(if stream.is_some() { LOOK_OPEN } else { LOOK_CLOSED }) {
                Ok(order) => order,
                Err(RecvTimeoutError::Timeout) => {
                    list(&mut *output);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            match order {
                DeviceOrder::Choose(output) => chosen = output,
                DeviceOrder::Close => drop(stream.take()),
                DeviceOrder::Open => {
                    drop(stream.take()); // the old device first: some can be opened only once
                    match open(&mut *output, chosen.as_ref(), &levels, &underruns) {
                        Ok((device, guard)) => {
                            stream = Some(guard);
                            report(DeviceReport::Opened(device));
                        }
                        Err(error) => report(DeviceReport::Missing(error)),
                    }
                    list(&mut *output);
                }
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
    chosen: Option<&OutputId>,
    levels: &Arc<Levels>,
    underruns: &Arc<Underruns>,
) -> Result<(OpenDevice, Guard), OutputError> {
    let health = Arc::new(Health::default());
    let (deck, decks) = channel();
    let connect = Connect { levels: levels.clone(), underruns: underruns.clone(), health: health.clone(), deck };
    let opened = output.open(chosen, connect)?;
    // An output that tried several devices has the last one open.
    let deck = decks.try_iter().last().ok_or_else(|| OutputError("The sound device gave no sign of life.".into()))?;
    let Opened { id, name, rate_hz, bits, stream } = opened;
    Ok((OpenDevice { id, name, rate_hz, bits, health, deck }, stream))
}
