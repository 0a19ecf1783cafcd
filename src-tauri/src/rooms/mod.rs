//! Rooms: the sound goes to a Snapcast server, which plays it everywhere in the home at the same moment.
//!
//! Snapcast's programs are separate processes; we are a source of one server, by `auralis_audio::RoomsOutput`, and control
//! it by JSON-RPC. The server is the only one that knows what its rooms are set to: what it says is published, and a
//! change is done by it before it is answered.

mod balance;
mod own_server;
mod rpc;
mod session;
mod status;
mod tails;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auralis_audio::{Engine, NullOutput, Output, OutputKind, RoomsLink, RoomsOutput, SystemFiles, SystemOutput};
use auralis_core::{ApiError, ErrorCode, NoticeKind, RoomsServerChoice, RoomsServerState, RoomsSettings, RoomsState};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::app::{AppServices, EngineEventSink, RoomRequest};
use own_server::{ChildError, Ports, Program};
use rpc::{Rpc, RpcError};
use session::Session;
use tails::Tails;

/// Waits between attempts to reach a server.
const BACK_OFF_MS: [u64; 5] = [100, 500, 1_000, 2_000, 5_000];
/// A session that lasted so long was no failure.
const LASTING: Duration = Duration::from_secs(10);

/// What the command line chose for the rooms.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// These settings instead of the listener's.
    pub settings: Option<RoomsSettings>,
    /// This computer stays silent.
    pub silent_here: bool,
}

impl Choice {
    /// What is in force.
    fn settings(&self, services: &AppServices) -> RoomsSettings {
        self.settings.clone().unwrap_or_else(|| services.snapshot().view().settings.rooms.clone())
    }
}

/// The ends of what connects the rooms' control with the player and its output.
pub struct Rooms {
    link: RoomsLink,
    cuts: mpsc::UnboundedReceiver<std::time::Instant>,
    choice: Choice,
}

/// Why a server's session has ended, or did not begin.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A program of ours does not run.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// The server does not do as it should.
    #[error("The Snapcast server at {at} cannot be used: {reason}.")]
    Server { at: String, reason: RpcError },
    /// Our server has ended.
    #[error("snapserver has ended. It is started again.")]
    Ended,
    /// There is no port for it.
    #[error("There is no free port for snapserver ({0}).")]
    NoPort(std::io::Error),
}

impl Rooms {
    /// The control of the rooms, for a player that is not started yet.
    pub fn new(choice: Choice) -> Self {
        let (cut, cuts) = mpsc::unbounded_channel();
        let link = RoomsLink::new(move |heard_until| {
            // Nobody mutes rooms after the end.
            let _ = cut.send(heard_until);
        });
        link.set(choice.settings.is_some(), None);
        Rooms { link, cuts, choice }
    }

    /// Starts an engine that plays in the rooms, or to `other` where the listener chooses that.
    pub fn start_engine(&self, other: OutputKind, report: EngineEventSink) -> Engine {
        let link = self.link.clone();
        let output: Box<dyn Output> = match other {
            _ if self.choice.settings.is_some() => Box::new(RoomsOutput::alone(link)),
            OutputKind::System => Box::new(RoomsOutput::beside(Box::<SystemOutput>::default(), link)),
            OutputKind::Null => Box::new(RoomsOutput::beside(Box::new(NullOutput), link)),
        };
        Engine::with_output(output, Arc::new(SystemFiles), report)
    }

    /// Controls the rooms as the settings say, until the player stops.
    pub async fn serve(self, services: AppServices) {
        let Some(requests) = services.take_room_requests() else { return };
        let Rooms { link, cuts, choice } = self;
        let held = Held::default();
        let mut control = Control { services, link, cuts, requests, choice, held: Arc::clone(&held) };
        let mut snapshots = control.services.watch();
        let (chosen, mut settings) = watch::channel(control.choice.settings(&control.services));
        let (services, choice) = (control.services.clone(), control.choice.clone());
        let following = async move {
            while snapshots.changed().await.is_ok() {
                let now = choice.settings(&services);
                chosen.send_if_modified(|known| {
                    let changed = *known != now;
                    *known = now;
                    changed
                });
            }
        };
        let serving = async {
            loop {
                let now = settings.borrow_and_update().clone();
                tokio::select! {
                    () = control.follow(&now) => {}
                    _ = settings.changed() => {}
                }
                release(&held).await;
            }
        };
        tokio::select! {
            () = following => {}
            () = serving => {}
        }
        release(&held).await;
    }
}

/// What can unmute the groups that the current session muted.
type Held = Arc<Mutex<Option<(Rpc, Arc<Tails>)>>>;

/// Unmutes the groups that a session muted and did not live to unmute.
async fn release(held: &Held) {
    let session = held.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((rpc, tails)) = session {
        tails.release(&rpc).await;
    }
}

/// The state of the control while the player runs.
struct Control {
    services: AppServices,
    link: RoomsLink,
    cuts: mpsc::UnboundedReceiver<std::time::Instant>,
    requests: mpsc::UnboundedReceiver<RoomRequest>,
    choice: Choice,
    held: Held,
}

impl Control {
    /// Does what one choice of settings asks for.
    async fn follow(&mut self, settings: &RoomsSettings) {
        let services = &self.services.clone();
        let is_on = settings.server != RoomsServerChoice::Off;
        self.link.set(is_on, None);
        if !is_on {
            services.report_rooms_state(RoomsState::default());
            while let Some(request) = self.requests.recv().await {
                services.complete_room_change(
                    request.id,
                    Err(refusal("The rooms are off. Switch them on in the settings.")),
                );
            }
            return std::future::pending().await;
        }
        let connecting = || RoomsState { server: RoomsServerState::Connecting, ..RoomsState::default() };
        services.report_rooms_state(connecting());
        let (mut ports, mut failures) = (None, 0);
        loop {
            let started = Instant::now();
            let mut reached = false;
            let failure = self.session(services, settings, &mut ports, &mut reached).await;
            self.link.set(true, None);
            if started.elapsed() > LASTING {
                failures = 0;
            }
            let reason = failure.to_string();
            tracing::warn!(%reason, "no rooms");
            // Once, not at every attempt. What plays to a server that is lost is told of as a lost output.
            if failures == 0 && !reached {
                services.notify(NoticeKind::RoomsFailed, String::new(), reason.clone());
            }
            services.report_rooms_state(RoomsState {
                server: RoomsServerState::Failed { reason },
                ..RoomsState::default()
            });
            self.wait(services, Duration::from_millis(BACK_OFF_MS[failures.min(BACK_OFF_MS.len() - 1)])).await;
            failures = if reached { 1 } else { failures + 1 };
        }
    }

    /// Refuses requests for a while.
    async fn wait(&mut self, services: &AppServices, time: Duration) {
        let over = sleep(time);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                Some(request) = self.requests.recv() => {
                    services.complete_room_change(request.id, Err(refusal("The rooms' server is not there.")));
                }
            }
        }
    }

    /// Controls a server from its start or call until it is gone.
    async fn session(
        &mut self,
        services: &AppServices,
        settings: &RoomsSettings,
        ports: &mut Option<Ports>,
        reached: &mut bool,
    ) -> Failure {
        let own = settings.server == RoomsServerChoice::Own;
        let mut server = None;
        if own {
            match start_server(services, settings, ports).await {
                Ok(child) => server = Some(child),
                Err(failure) => return failure,
            }
        }
        let place = session::Place::new(settings, *ports, self.choice.settings.is_some());
        let failed = |reason| Failure::Server { at: place.to_string(), reason };
        let here =
            if own && settings.this_computer && !self.choice.silent_here { Some(place.stream_port) } else { None };
        let here = here.flatten();
        let (problem_told, problem) = watch::channel(None);
        let running = async {
            let session = Session::open(services, &self.link, &place, settings, problem).await?;
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.held());
            *reached = true;
            session.run(&mut self.requests, &mut self.cuts).await
        };
        tokio::select! {
            ended = running => failed(ended.err().unwrap_or(RpcError::Gone)),
            () = ended(server.as_mut()) => Failure::Ended,
            () = keep_player(here, &problem_told) => Failure::Ended,
        }
    }
}

fn refusal(message: &str) -> ApiError {
    ApiError::new(ErrorCode::NotPossible, message)
}

/// Starts our server, at the ports that it had before.
async fn start_server(
    services: &AppServices,
    settings: &RoomsSettings,
    ports: &mut Option<Ports>,
) -> Result<Program, Failure> {
    let chosen = match *ports {
        Some(ports) => ports,
        None => Ports::free(own_server::address(settings)).map_err(Failure::NoPort)?,
    };
    let started = own_server::start(&services.dirs().rooms_dir(), settings, chosen).await;
    // Somebody else may have taken one of them meanwhile.
    *ports = Some(chosen).filter(|_| started.is_ok());
    Ok(started?)
}

/// Returns when our server has ended; never where it is not ours.
async fn ended(server: Option<&mut Program>) {
    match server {
        Some(server) => drop(server.wait().await),
        None => std::future::pending().await,
    }
}

/// Keeps this computer's player running, and tells why it does not.
async fn keep_player(stream_port: Option<u16>, problem: &watch::Sender<Option<String>>) {
    const WAIT: Duration = Duration::from_secs(2);
    let Some(stream_port) = stream_port else { return std::future::pending().await };
    loop {
        let told = match own_server::start_player(stream_port) {
            Ok(mut player) => {
                problem.send_if_modified(|problem| problem.take().is_some());
                match player.wait().await {
                    Ok(status) => format!("This computer does not play as a room: snapclient ended ({status})."),
                    Err(error) => format!("This computer does not play as a room: {error}."),
                }
            }
            Err(error) => format!("This computer does not play as a room. {error}"),
        };
        problem.send_if_modified(|known| known.replace(told.clone()).as_ref() != Some(&told));
        sleep(WAIT).await;
    }
}
