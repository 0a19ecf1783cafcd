//! The tray icon and its menu, by the StatusNotifierItem protocol over D-Bus, so that no tray library must be installed.
//! Source: <https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/>.

mod icons;
mod model;

use auralis_core::{ClientKind, Command, DesktopState};
use ksni::menu::{CheckmarkItem, StandardItem};
use ksni::{MenuItem, OfflineReason, Orientation, ToolTip, TrayMethods};
use tokio::sync::watch;

use super::translations::translations;
use crate::app::{AppControl, AppServices, PlayerHandle, WindowRequest};
use model::{MenuAction, MenuEntry, TrayModel, tray_model};

/// Volume step per wheel click.
const VOLUME_STEP: u8 = 5;

/// Shows the tray icon whenever there is a tray host, until the player stops.
pub(super) async fn serve(services: &AppServices) {
    let handle = services.with_client_kind(ClientKind::Tray);
    let app_control = services.app_control().clone();
    let (mut snapshots, mut window_states) = (handle.watch(), app_control.watch());
    let (host_available, mut host_available_rx) = watch::channel(true);
    host_available_rx.mark_changed();
    let mut shown = current_model(&handle, &app_control);
    let tray = Tray { handle: handle.clone(), app_control: app_control.clone(), model: shown.clone(), host_available };
    // Assume a tray host will appear; at login panels start after us.
    let tray = match tray.assume_sni_available(true).spawn().await {
        Ok(tray) => tray,
        Err(error) => return tracing::info!(%error, "no tray icon"),
    };
    loop {
        tokio::select! {
            alive = snapshots.changed() => if alive.is_err() { break },
            Ok(()) = window_states.changed() => {}
            Ok(()) = host_available_rx.changed() => {
                let tray = *host_available_rx.borrow_and_update();
                tracing::info!(available = tray, "tray host");
                services.report_desktop_state(DesktopState { windows: true, tray });
            }
        }
        let model = current_model(&handle, &app_control);
        if model != shown {
            shown = model.clone();
            tray.update(|tray| tray.model = model).await;
        }
    }
    tray.shutdown().await;
}

fn current_model(handle: &PlayerHandle, app_control: &AppControl) -> TrayModel {
    let snapshot = handle.snapshot();
    let view = snapshot.view();
    tray_model(view, app_control.window_state(), translations(&view.settings.language))
}

/// The item that tray hosts read.
struct Tray {
    handle: PlayerHandle,
    app_control: AppControl,
    model: TrayModel,
    host_available: watch::Sender<bool>,
}

impl Tray {
    fn run_action(&self, action: MenuAction) {
        match action {
            MenuAction::Command(command) => self.dispatch(command),
            MenuAction::Window(WindowRequest::RaiseMain { .. }) => self.raise(),
            MenuAction::Window(request) => self.app_control.request(request),
        }
    }

    fn raise(&self) {
        self.app_control.request(WindowRequest::RaiseMain { token: ksni::current_xdg_activation_token() });
    }

    /// Never waits: the tray host may ask for the menu at the same time.
    fn dispatch(&self, command: Command) {
        let handle = self.handle.clone();
        tokio::spawn(async move {
            if let Err(error) = handle.dispatch(command, None).await {
                tracing::info!(%error, "tray command failed");
            }
        });
    }
}

impl ksni::Tray for Tray {
    fn id(&self) -> String {
        "auralis".to_owned()
    }

    fn title(&self) -> String {
        "Auralis".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        icons::pixmaps_of(self.model.icon)
    }

    fn tool_tip(&self) -> ToolTip {
        let title = if self.model.title.is_empty() { self.title() } else { self.model.title.clone() };
        ToolTip { title, description: self.model.artist.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        if self.model.main_open { self.app_control.request(WindowRequest::HideMain) } else { self.raise() }
    }

    fn secondary_activate(&mut self, _x: i32, _y: i32) {
        self.dispatch(Command::Toggle {});
    }

    fn scroll(&mut self, delta: i32, orientation: Orientation) {
        let volume = match orientation {
            Orientation::Vertical if delta > 0 => (self.model.volume + VOLUME_STEP).min(100),
            Orientation::Vertical if delta < 0 => self.model.volume.saturating_sub(VOLUME_STEP),
            _ => return,
        };
        self.dispatch(Command::SetVolume { volume });
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.model.menu.iter().cloned().map(item).collect()
    }

    fn watcher_online(&self) {
        self.host_available.send_replace(true);
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.host_available.send_replace(false);
        true
    }
}

/// Converts a menu entry. In the protocol's labels, an underscore marks an access key.
fn item(entry: MenuEntry) -> MenuItem<Tray> {
    let plain = |label: String| label.replace('_', "__");
    match entry {
        MenuEntry::Separator => MenuItem::Separator,
        MenuEntry::Item { label, action } => StandardItem {
            label: plain(label),
            enabled: action.is_some(),
            activate: Box::new(move |tray: &mut Tray| {
                if let Some(action) = action.clone() {
                    tray.run_action(action);
                }
            }),
            ..StandardItem::default()
        }
        .into(),
        MenuEntry::Check { label, on, action } => CheckmarkItem {
            label: plain(label),
            checked: on,
            activate: Box::new(move |tray: &mut Tray| tray.run_action(action.clone())),
            ..CheckmarkItem::default()
        }
        .into(),
    }
}
