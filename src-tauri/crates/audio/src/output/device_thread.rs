//! The thread that opens and closes devices, which may block.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::Duration,
};

use auralis_core::{OutputId, OutputRow};

use super::{CutTail, DeviceConnector, DeviceHandles, DeviceStatus, OpenedDevice, Output, OutputError};
use crate::playback::{PlaybackControls, Underruns};

/// Output list poll interval. While a device is open, this bounds how long sound leaks to the speakers after headphones
/// are unplugged.
const POLL_WHILE_OPEN: Duration = Duration::from_millis(200);
const POLL_WHILE_CLOSED: Duration = Duration::from_secs(2);

/// From the control thread.
pub enum DeviceCommand {
    /// Open this output, or the default if it does not exist or none is chosen.
    Open(Option<OutputId>),
    /// Close the device.
    Close,
}

/// To the control thread.
pub enum DeviceEvent {
    /// A device was opened.
    Opened(OpenDevice),
    /// No device could be opened.
    OpenFailed {
        /// The output that was requested.
        requested: Option<OutputId>,
        /// Why.
        error: OutputError,
    },
    /// The list of outputs changed.
    Listed(Vec<OutputRow>),
}

/// A device opened for the engine.
pub struct OpenDevice {
    /// The output that was requested.
    pub requested: Option<OutputId>,
    /// Id of the output.
    pub id: OutputId,
    /// Name given by the sound server.
    pub name: String,
    /// Frames per second.
    pub rate_hz: u32,
    /// Bits per sample.
    pub bits: u32,
    /// Silences an output that is heard noticeably later than frames are submitted.
    pub cut_tail: Option<CutTail>,
    /// Status set by the device's callbacks.
    pub status: Arc<DeviceStatus>,
    /// The engine's ends of the device.
    pub handles: DeviceHandles,
}

/// Starts the thread. It closes the device and ends when the sender is dropped; `closed` is dropped after that.
pub fn start(
    mut output: Box<dyn Output>,
    controls: Arc<PlaybackControls>,
    underruns: Arc<Underruns>,
    report: impl Fn(DeviceEvent) + Send + 'static,
    closed: Sender<()>,
) -> std::io::Result<Sender<DeviceCommand>> {
    let (commands, inbox): (_, Receiver<DeviceCommand>) = channel();
    std::thread::Builder::new().name("output".into()).spawn(move || {
        let mut open_guard = None;
        let mut listed = None;
        let mut list = |output: &mut dyn Output| {
            let outputs = Some(output.list());
            if outputs != listed {
                listed = outputs;
                report(DeviceEvent::Listed(listed.clone().unwrap_or_default()));
            }
        };
        list(&mut *output);
        loop {
            let command =
                match inbox.recv_timeout(if open_guard.is_some() { POLL_WHILE_OPEN } else { POLL_WHILE_CLOSED }) {
                    Ok(command) => command,
                    Err(RecvTimeoutError::Timeout) => {
                        list(&mut *output);
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                };
            match command {
                DeviceCommand::Close => drop(open_guard.take()),
                DeviceCommand::Open(requested) => {
                    drop(open_guard.take()); // first: some devices can be opened only once
                    match open(&mut *output, requested.clone(), &controls, &underruns) {
                        Ok((device, guard)) => {
                            open_guard = Some(guard);
                            report(DeviceEvent::Opened(device));
                        }
                        Err(error) => report(DeviceEvent::OpenFailed { requested, error }),
                    }
                    list(&mut *output);
                }
            }
        }
        drop(open_guard);
        drop(closed);
    })?;
    Ok(commands)
}

type Guard = Box<dyn std::any::Any + Send>;

fn open(
    output: &mut dyn Output,
    requested: Option<OutputId>,
    controls: &Arc<PlaybackControls>,
    underruns: &Arc<Underruns>,
) -> Result<(OpenDevice, Guard), OutputError> {
    let status = Arc::new(DeviceStatus::default());
    let (handles, decks) = channel();
    let connector = DeviceConnector {
        controls: controls.clone(),
        underruns: underruns.clone(),
        status: status.clone(),
        handles,
        at_full_volume: false,
    };
    let opened = output.open(requested.as_ref(), connector)?;
    // An output that tried several devices opened the last one.
    let handles = decks.try_iter().last().ok_or_else(|| OutputError("The sound device did not start.".into()))?;
    let OpenedDevice { id, name, rate_hz, bits, cut_tail, guard } = opened;
    Ok((OpenDevice { requested, id, name, rate_hz, bits, cut_tail, status, handles }, guard))
}
