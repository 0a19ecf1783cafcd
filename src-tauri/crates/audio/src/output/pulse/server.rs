//! The outputs of the sound server: lists them and opens one.

use std::time::{Duration, Instant};

use auralis_core::{OutputId, OutputRow};
use pulseaudio::protocol::{Command, ProtocolError, SampleFormat, ServerInfo, SinkInfo, SinkInfoList};

use super::{StreamHandle, connection::Connection, sink_watcher::SinkWatcher};
use crate::output::{DeviceConnector, OpenedDevice, OutputError};

/// How long to wait for a sound server that stopped, before its sound card is used directly.
const RESTART_GRACE: Duration = Duration::from_secs(60);

/// The sound server's outputs.
#[derive(Default)]
pub struct Server {
    /// Kept because it is used often.
    connection: Option<Connection>,
    /// When the server last answered.
    answered_at: Option<Instant>,
    /// The outputs at the last change, and the subscription to further changes.
    cache: Option<(SinkWatcher, Vec<OutputRow>)>,
}

struct Sink {
    info: SinkInfo,
    is_default: bool,
}

impl Server {
    /// Returns the outputs; `None` if there is no server or it does not answer.
    pub fn list(&mut self) -> Option<Vec<OutputRow>> {
        if let Some((watcher, rows)) = &self.cache
            && !watcher.is_disconnected()
            && !watcher.take_changed()
        {
            return Some(rows.clone());
        }
        // Subscribe before asking, so that no change in between is missed.
        let watcher = match self.cache.take().map(|(watcher, _)| watcher).filter(|watcher| !watcher.is_disconnected()) {
            Some(watcher) => Some(watcher),
            None => SinkWatcher::watch().ok(),
        };
        let rows: Vec<OutputRow> = self.sinks()?.iter().map(Sink::row).collect();
        self.cache = watcher.map(|watcher| (watcher, rows.clone()));
        Some(rows)
    }

    /// Opens the chosen sink, or the default one; `None` if there is no server or it does not answer.
    pub fn open(
        &mut self,
        chosen: Option<&OutputId>,
        connector: &DeviceConnector,
    ) -> Option<Result<OpenedDevice, OutputError>> {
        let sinks = self.sinks()?;
        let named = sinks.iter().find(|sink| Some(&sink.id()) == chosen);
        let default = sinks.iter().find(|sink| sink.is_default);
        let mut error = OutputError("No sound device was found.".into());
        for sink in named.into_iter().chain(default) {
            match sink.open(connector) {
                Ok(opened) => return Some(Ok(opened)),
                Err(refusal) => {
                    tracing::warn!(sink = sink.id().0, %refusal, "cannot open a device");
                    error = OutputError(format!("No sound device can be opened: {refusal}."));
                }
            }
        }
        Some(Err(error))
    }

    /// Whether a server answered until recently, so that it will probably be back.
    pub fn is_restarting(&self) -> bool {
        self.answered_at.is_some_and(|at| at.elapsed() < RESTART_GRACE)
    }

    fn sinks(&mut self) -> Option<Vec<Sink>> {
        let kept = self.connection.take().and_then(|connection| ask(connection).ok());
        let (connection, sinks) = kept.or_else(|| {
            let asked = Connection::open().and_then(ask);
            asked.inspect_err(|error| tracing::debug!(%error, "the sound server does not answer")).ok()
        })?;
        self.connection = Some(connection);
        self.answered_at = Some(Instant::now());
        Some(sinks)
    }
}

/// Asks for the sinks. A connection that failed is closed, because its replies are out of step.
fn ask(mut connection: Connection) -> Result<(Connection, Vec<Sink>), ProtocolError> {
    let server: ServerInfo = connection.request(Command::GetServerInfo)?;
    let sinks: SinkInfoList = connection.request(Command::GetSinkInfoList)?;
    let sink = |info: SinkInfo| Sink { is_default: Some(&info.name) == server.default_sink_name.as_ref(), info };
    Ok((connection, sinks.into_iter().map(sink).collect()))
}

impl Sink {
    fn id(&self) -> OutputId {
        OutputId(format!("pulseaudio:{}", self.info.name.to_string_lossy()))
    }

    fn name(&self) -> String {
        self.info.description.as_ref().unwrap_or(&self.info.name).to_string_lossy().into_owned()
    }

    fn row(&self) -> OutputRow {
        OutputRow { id: self.id(), name: self.name(), is_default: self.is_default }
    }

    fn open(&self, connector: &DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let rate_hz = self.info.sample_spec.sample_rate;
        let bits = match self.info.sample_spec.format {
            SampleFormat::U8 | SampleFormat::Alaw | SampleFormat::Ulaw => 8,
            SampleFormat::S16Le | SampleFormat::S16Be => 16,
            _ => 24,
        };
        let renderer = connector.renderer(rate_hz, 2, bits, false)?;
        let stream = StreamHandle::open(self.info.name.clone(), rate_hz, bits, renderer, connector.status.clone())?;
        Ok(OpenedDevice { id: self.id(), name: self.name(), rate_hz, bits, cut_tail: None, guard: Box::new(stream) })
    }
}
