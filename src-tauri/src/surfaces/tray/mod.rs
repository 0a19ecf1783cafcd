//! The tray: an icon with a menu, by the StatusNotifierItem protocol, which is spoken over the bus. So there is no
//! library that a machine may lack; a desktop without a tray has nobody to speak to, and that is all.
//! Source: <https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/>.

mod icons;
mod model;

use auralis_core::{ClientKind, Command, DesktopState};
use ksni::menu::{CheckmarkItem, StandardItem};
use ksni::{MenuItem, OfflineReason, Orientation, ToolTip, TrayMethods};
use tokio::sync::watch;

use super::translations::words;
use crate::app::{Handle, Wish};
use model::{Deed, Face, Line, face};

/// By how much a notch of the wheel over the icon changes the volume.
const NOTCH: u8 = 5;

/// Shows the player in the tray, whenever there is one, until the player stops.
pub(super) async fn serve(handle: Handle) {
    let handle = handle.of(ClientKind::Tray);
    let (mut snapshots, mut sights) = (handle.watch(), handle.program().watch());
    let (online, mut is_online) = watch::channel(true);
    is_online.mark_changed();
    let mut shown = face_now(&handle);
    let tray = Tray { handle: handle.clone(), face: shown.clone(), online };
    // Said to be there, so that it is waited for: at login a panel comes after the players.
    let tray = match tray.assume_sni_available(true).spawn().await {
        Ok(tray) => tray,
        Err(error) => return tracing::info!(%error, "no tray"),
    };
    loop {
        tokio::select! {
            alive = snapshots.changed() => if alive.is_err() { break },
            Ok(()) = sights.changed() => {}
            Ok(()) = is_online.changed() => {
                let tray = *is_online.borrow_and_update();
                tracing::info!(there = tray, "tray");
                handle.set_desktop(DesktopState { windows: true, tray });
            }
        }
        let face = face_now(&handle);
        if face != shown {
            shown = face.clone();
            tray.update(|tray| tray.face = face).await;
        }
    }
    tray.shutdown().await;
}

fn face_now(handle: &Handle) -> Face {
    let snapshot = handle.snapshot();
    let view = snapshot.view();
    face(view, handle.program().sight(), words(&view.settings.language))
}

/// What the protocol asks for: the face, and where deeds go.
struct Tray {
    handle: Handle,
    face: Face,
    online: watch::Sender<bool>,
}

impl Tray {
    fn act(&self, deed: Deed) {
        match deed {
            Deed::Command(command) => self.dispatch(command),
            Deed::Wish(Wish::Raise { .. }) => self.raise(),
            Deed::Wish(wish) => self.handle.program().wish(wish),
        }
    }

    fn raise(&self) {
        self.handle.program().wish(Wish::Raise { token: ksni::current_xdg_activation_token() });
    }

    /// Never waits: the tray is asked for its menu meanwhile.
    fn dispatch(&self, command: Command) {
        let handle = self.handle.clone();
        tokio::spawn(async move {
            if let Err(refusal) = handle.dispatch(command, None).await {
                tracing::info!(%refusal, "the tray's wish");
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
        icons::of(self.face.icon)
    }

    fn tool_tip(&self) -> ToolTip {
        let title = if self.face.title.is_empty() { self.title() } else { self.face.title.clone() };
        ToolTip { title, description: self.face.artist.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        if self.face.open { self.handle.program().wish(Wish::Hide) } else { self.raise() }
    }

    fn secondary_activate(&mut self, _x: i32, _y: i32) {
        self.dispatch(Command::Toggle {});
    }

    fn scroll(&mut self, delta: i32, orientation: Orientation) {
        let volume = match orientation {
            Orientation::Vertical if delta > 0 => (self.face.volume + NOTCH).min(100),
            Orientation::Vertical if delta < 0 => self.face.volume.saturating_sub(NOTCH),
            _ => return,
        };
        self.dispatch(Command::SetVolume { volume });
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.face.menu.iter().cloned().map(item).collect()
    }

    fn watcher_online(&self) {
        self.online.send_replace(true);
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.online.send_replace(false);
        true
    }
}

/// A line in the protocol's words, where an underscore marks a key.
fn item(line: Line) -> MenuItem<Tray> {
    let plain = |label: String| label.replace('_', "__");
    match line {
        Line::Separator => MenuItem::Separator,
        Line::Item { label, deed } => StandardItem {
            label: plain(label),
            enabled: deed.is_some(),
            activate: Box::new(move |tray: &mut Tray| {
                if let Some(deed) = deed.clone() {
                    tray.act(deed);
                }
            }),
            ..StandardItem::default()
        }
        .into(),
        Line::Switch { label, on, deed } => CheckmarkItem {
            label: plain(label),
            checked: on,
            activate: Box::new(move |tray: &mut Tray| tray.act(deed.clone())),
            ..CheckmarkItem::default()
        }
        .into(),
    }
}
