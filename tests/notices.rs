//! Desktop notifications and sleep inhibition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use zbus::interface;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, OwnedValue};

use crate::support::app::TempHome;
use crate::support::bus::Bus;
use crate::support::desktop::Display;
use crate::support::music::make_tracks;
use crate::support::tray::Tray;
use crate::support::wait_for;

#[derive(Debug, Clone)]
struct Notification {
    replaces: u32,
    title: String,
    text: String,
    picture: bool,
}

type ReceivedNotifications = Arc<Mutex<Vec<Notification>>>;

struct Server {
    received: ReceivedNotifications,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        assert_eq!(app_name, "Auralis");
        let (title, text) = (summary.to_owned(), body.to_owned());
        let notification =
            Notification { replaces: replaces_id, title, text, picture: hints.contains_key("image-path") };
        self.received.lock().expect("no panic").push(notification);
        7
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["body", "body-markup"]
    }
}

fn listen(bus: &Bus) -> ReceivedNotifications {
    let received = ReceivedNotifications::default();
    bus.offer("org.freedesktop.Notifications", "/org/freedesktop/Notifications", Server { received: received.clone() });
    received
}

fn wait_for_notification(received: &ReceivedNotifications, count: usize) -> Notification {
    let newest = || received.lock().expect("no panic").get(count - 1).cloned();
    let notification = wait_for("a notification", newest);
    assert_eq!(received.lock().expect("no panic").len(), count, "one each");
    notification
}

#[test]
fn track_notification_replaces_the_previous_one() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let received = listen(&bus);
    make_tracks(&home.music(), 3, 60.0);
    let app = home.start_with(home.auralis().env("DBUS_SESSION_BUS_ADDRESS", &bus.address)).with_music(&home.music());
    bus.wait_for_player();
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0);
    let first = wait_for_notification(&received, 1);
    assert_eq!((first.replaces, &*first.title, &*first.text), (0, "Track 001", "The Generators · Formats"));
    client.run(json!({"do": "pause"})).run(json!({"do": "play"})).run(json!({"do": "next"}));
    let second = wait_for_notification(&received, 2);
    assert_eq!((second.replaces, &*second.title, second.picture), (7, "Track 002", false));
    let off = json!({"close_to_tray": false, "start_hidden": false, "notifications": false, "stay_awake": true,
                     "tray_explained": false});
    client.run(json!({"do": "change_settings", "settings": {"desktop": off}})).run(json!({"do": "next"}));
    client.wait_until("it plays", |view| view["player"]["track"]["title"] == "Track 003");
    client.run(json!({"do": "pause"}));
    wait_for("the desktop to know", || (bus.get::<String>("Player.PlaybackStatus") == "Paused").then_some(()));
    assert_eq!(received.lock().expect("no panic").len(), 2);
}

#[test]
fn no_notification_while_focused_and_tray_hint_shown_once() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    let (received, tray) = (listen(&bus), Tray::start(&bus));
    home.write_settings(&json!({"interface": {"desktop": {"close_to_tray": true}}}));
    make_tracks(&home.music(), 3, 60.0);
    let _app = display.open(&home, Some(&bus));
    let window = wait_for("its window", || display.windows().pop());
    display.focus(&window);
    let status = || home.status().expect("runs")["view"].clone();
    let folder = home.music();
    display.start_second_instance(&home, &[folder.to_str().expect("UTF-8")]);
    wait_for("music", || (status()["player"]["transport"] == "playing").then_some(()));
    tray.choose_item("Next track");
    wait_for("the second", || (tray.labels()[0] == "Track 002").then_some(()));
    assert!(received.lock().expect("no panic").is_empty(), "{received:?}");

    display.close(&window);
    let explanation = wait_for_notification(&received, 1);
    assert!(explanation.title.contains("tray"), "{explanation:?}");
    wait_for("the file to know", || {
        let text = std::fs::read_to_string(home.settings_file()).ok()?;
        (serde_json::from_str::<serde_json::Value>(&text).ok()?["interface"]["desktop"]["tray_explained"] == true)
            .then_some(())
    });
    tray.choose_item("Next track");
    assert_eq!(wait_for_notification(&received, 2).title, "Track 003");
    tray.choose_item("Show Auralis");
    let window = wait_for("its window", || display.windows().pop());
    display.close(&window);
    wait_for("no window", || display.windows().is_empty().then_some(()));
    tray.choose_item("Previous track");
    assert_eq!(wait_for_notification(&received, 3).title, "Track 002", "explained once");
}

type Reasons = Arc<Mutex<Vec<String>>>;

struct Portal {
    inhibited: Reasons,
}

const REQUEST: &str = "/org/freedesktop/portal/desktop/request/1";

#[interface(name = "org.freedesktop.portal.Inhibit")]
impl Portal {
    fn inhibit(&self, _window: &str, flags: u32, options: HashMap<String, OwnedValue>) -> OwnedObjectPath {
        assert_eq!(flags, 4, "suspending, and nothing else");
        let reason = options["reason"].downcast_ref::<&str>().expect("text").to_owned();
        self.inhibited.lock().expect("no panic").push(reason);
        OwnedObjectPath::try_from(REQUEST).expect("a path")
    }
}

struct Request {
    inhibited: Reasons,
}

#[interface(name = "org.freedesktop.portal.Request")]
impl Request {
    fn close(&self) {
        self.inhibited.lock().expect("no panic").clear();
    }
}

#[test]
fn sleep_is_inhibited_only_during_playback() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let inhibited = Reasons::default();
    bus.offer("org.freedesktop.portal.Desktop", REQUEST, Request { inhibited: inhibited.clone() });
    bus.offer(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        Portal { inhibited: inhibited.clone() },
    );
    make_tracks(&home.music(), 2, 60.0);
    let app = home.start_with(home.auralis().env("DBUS_SESSION_BUS_ADDRESS", &bus.address)).with_music(&home.music());
    bus.wait_for_player();
    let client = &mut app.client();
    let tracks = client.track_ids();
    let wait_for_reasons = |count: usize| {
        wait_for(&format!("{count} reasons"), || (inhibited.lock().expect("no panic").len() == count).then_some(()));
    };
    client.play(&tracks, 0);
    wait_for_reasons(1);
    client.run(json!({"do": "next"}));
    client.wait_until("the second", |view| view["player"]["track"]["title"] == "Track 002");
    client.run(json!({"do": "pause"}));
    wait_for_reasons(0);
    client.run(json!({"do": "play"}));
    wait_for_reasons(1);
    let mut chosen = client.view["settings"]["desktop"].clone();
    chosen["stay_awake"] = json!(false);
    client.run(json!({"do": "change_settings", "settings": {"desktop": chosen}}));
    wait_for_reasons(0);
}

struct Logins {
    inhibited: Arc<Mutex<Vec<(String, std::io::PipeReader)>>>,
}

#[interface(name = "org.freedesktop.login1.Manager")]
impl Logins {
    fn inhibit(&self, what: &str, _who: &str, _why: &str, mode: &str) -> OwnedFd {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        self.inhibited.lock().expect("no panic").push((format!("{what} {mode}"), reader));
        std::os::fd::OwnedFd::from(writer).into()
    }
}

#[test]
fn sleep_is_inhibited_by_logind_without_a_portal() {
    use std::io::Read;
    let (home, bus) = (TempHome::new(), Bus::start());
    let inhibited = Arc::new(Mutex::new(Vec::new()));
    bus.offer("org.freedesktop.login1", "/org/freedesktop/login1", Logins { inhibited: inhibited.clone() });
    make_tracks(&home.music(), 1, 60.0);
    let mut command = home.auralis();
    // The test bus serves as the session and the system bus.
    command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address).env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address);
    let app = home.start_with(&mut command).with_music(&home.music());
    bus.wait_for_player();
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0);
    let (what, mut open) = wait_for("an inhibition", || inhibited.lock().expect("no panic").pop());
    assert_eq!(what, "idle block");
    client.run(json!({"do": "pause"}));
    // logind sees the end of the pipe when the inhibitor is released.
    assert_eq!(open.read(&mut [0]).expect("the end"), 0);
}
