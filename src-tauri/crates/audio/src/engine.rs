//! The handle to the engine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use auralis_core::{EngineCommand, EngineDiagnostics, EngineEvent};

use crate::{
    control::{Control, Message},
    decode::{FileOpener, Opener},
    device,
    diagnostics::Gauges,
    output::{NullOutput, Output, SystemOutput},
    source::Levels,
};

/// How long the engine may take to go.
const FAREWELL: Duration = Duration::from_millis(400);

/// What plays. Dropping it fades out and closes the device, within half a second whatever hangs.
pub struct Engine {
    inbox: Sender<Message>,
    gauges: Arc<Gauges>,
    /// Disconnects when the device is closed.
    closed: Receiver<()>,
}

/// Where the sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// The system's default device.
    System,
    /// Into nothing, at real speed.
    Null,
}

impl Engine {
    /// Starts the engine. No device is opened before there is something to hear. `report` is called on the engine's
    /// control thread with each event and must not block.
    pub fn start(output: OutputKind, report: impl Fn(EngineEvent) + Send + 'static) -> Self {
        let output: Box<dyn Output> = match output {
            OutputKind::System => Box::<SystemOutput>::default(),
            OutputKind::Null => Box::new(NullOutput),
        };
        Self::with(output, Arc::new(FileOpener), report)
    }

    /// An engine that plays to another output, or from another source of frames.
    pub fn with(
        output: Box<dyn Output>,
        opener: Arc<dyn Opener>,
        report: impl Fn(EngineEvent) + Send + 'static,
    ) -> Self {
        let (inbox, messages) = channel();
        let (closing, closed) = channel();
        let gauges = Arc::new(Gauges::default());
        let levels = Arc::new(Levels { open: AtomicBool::new(false), gain: AtomicU32::new(1f32.to_bits()) });
        let to_control = inbox.clone();
        let opened = move |report| drop(to_control.send(Message::Device(report)));
        let engine = Self { inbox: inbox.clone(), gauges: gauges.clone(), closed };
        let started =
            device::start(output, levels.clone(), gauges.underruns.clone(), opened, closing).and_then(|orders| {
                let control = Control::new(report, inbox, opener, orders, levels, gauges);
                std::thread::Builder::new().name("engine".into()).spawn(move || control.run(&messages))
            });
        if let Err(error) = started {
            tracing::error!(%error, "the engine has no thread to run on");
        }
        engine
    }

    /// Gives the engine a command. Never waits; what became of it comes as an event.
    pub fn send(&self, command: EngineCommand) {
        drop(self.inbox.send(Message::Command(command)));
    }

    /// How the engine fares.
    pub fn diagnostics(&self) -> EngineDiagnostics {
        self.gauges.read()
    }

    /// The same for whoever outlives the handle, or is on another thread.
    pub fn gauges(&self) -> Arc<Gauges> {
        self.gauges.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.inbox.send(Message::Quit));
        let _ = self.closed.recv_timeout(FAREWELL);
    }
}
