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
    control::{ControlThread, Message, diagnostics::DiagnosticsHandle},
    decode::{OpenFile, SystemFiles},
    output::{NullOutput, Output, SystemOutput, device_thread},
    playback::PlaybackControls,
};

/// How long dropping the engine waits.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(400);

/// Handle to the audio engine. Dropping it fades out and closes the device; it waits 400 ms at most.
pub struct Engine {
    message_tx: Sender<Message>,
    diagnostics: Arc<DiagnosticsHandle>,
    /// Disconnects when the device is closed.
    closed: Receiver<()>,
}

/// Where the sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// The system's sound server or sound card.
    System,
    /// Nowhere, at real-time speed.
    Null,
}

impl Engine {
    /// Starts the engine. No device is opened before something is played. `report` is called on the engine's control
    /// thread for each event and must not block.
    pub fn start(output: OutputKind, report: impl Fn(EngineEvent) + Send + 'static) -> Self {
        let output: Box<dyn Output> = match output {
            OutputKind::System => Box::<SystemOutput>::default(),
            OutputKind::Null => Box::new(NullOutput),
        };
        Self::with_output(output, Arc::new(SystemFiles), report)
    }

    /// Starts an engine with another output, or another source of files.
    pub fn with_output(
        output: Box<dyn Output>,
        opener: Arc<dyn OpenFile>,
        report: impl Fn(EngineEvent) + Send + 'static,
    ) -> Self {
        let (message_tx, messages) = channel();
        let (closing, closed) = channel();
        let diagnostics = Arc::new(DiagnosticsHandle::default());
        let controls =
            Arc::new(PlaybackControls { playing: AtomicBool::new(false), volume: AtomicU32::new(1f32.to_bits()) });
        let to_control = message_tx.clone();
        let opened = move |report| drop(to_control.send(Message::Device(report)));
        let engine = Self { message_tx: message_tx.clone(), diagnostics: diagnostics.clone(), closed };
        let started = device_thread::start(output, controls.clone(), diagnostics.underruns.clone(), opened, closing)
            .and_then(|device_tx| {
                let control = ControlThread::new(report, message_tx, opener, device_tx, controls, diagnostics);
                std::thread::Builder::new().name("engine".into()).spawn(move || control.run(&messages))
            });
        if let Err(error) = started {
            tracing::error!(%error, "cannot start the threads of the engine");
        }
        engine
    }

    /// Sends a command. Never waits; results arrive as events.
    pub fn send(&self, command: EngineCommand) {
        drop(self.message_tx.send(Message::Command(command)));
    }

    /// Returns the engine's live figures.
    pub fn diagnostics(&self) -> EngineDiagnostics {
        self.diagnostics.read()
    }

    /// Returns a reader of the same figures for other threads. It outlives the engine.
    pub fn diagnostics_handle(&self) -> Arc<DiagnosticsHandle> {
        self.diagnostics.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.message_tx.send(Message::Quit));
        let _ = self.closed.recv_timeout(SHUTDOWN_TIMEOUT);
    }
}
