//! A tray host: the StatusNotifierItem watcher, and a client of the item's menu.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{interface, message::Header};

use super::bus::Bus;
use super::wait_for;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM_PATH: &str = "/StatusNotifierItem";

/// Bus names of the registered items.
type Items = Arc<Mutex<Vec<String>>>;

struct Watcher {
    items: Items,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let name = if service.starts_with('/') {
            header.sender().map(ToString::to_string).unwrap_or_default()
        } else {
            service.to_owned()
        };
        self.items.lock().expect("no panic").push(name);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// The tray host of a bus.
pub struct Tray<'a> {
    bus: &'a Bus,
    items: Items,
}

/// A menu item as a desktop shows it.
#[derive(Debug, Clone)]
pub struct Line {
    id: i32,
    pub label: String,
    pub enabled: bool,
    pub checked: Option<bool>,
}

impl<'a> Tray<'a> {
    pub fn start(bus: &'a Bus) -> Self {
        let items = Items::default();
        bus.offer(WATCHER, WATCHER_PATH, Watcher { items: items.clone() });
        Tray { bus, items }
    }

    /// Stops the tray host, as when a panel restarts.
    pub fn vanish(&self) {
        self.items.lock().expect("no panic").clear();
        self.bus.withdraw(WATCHER);
    }

    /// Starts it again after [`Tray::vanish`].
    pub fn come_back(&self) {
        self.bus.take(WATCHER);
    }

    /// Waits for the app's item and returns its bus name.
    fn item(&self) -> String {
        wait_for("an item in the tray", || self.items.lock().expect("no panic").last().cloned())
    }

    pub fn get(&self, property: &str) -> OwnedValue {
        let body = ("org.kde.StatusNotifierItem", property);
        let answer = self.bus.call(&self.item(), ITEM_PATH, "org.freedesktop.DBus.Properties.Get", &body);
        answer.body().deserialize().expect("a value")
    }

    /// The picture of the icon, whatever its size.
    pub fn icon(&self) -> OwnedValue {
        self.get("IconPixmap")
    }

    /// What the pointer does to the icon.
    pub fn click(&self) {
        self.bus.call(&self.item(), ITEM_PATH, "org.kde.StatusNotifierItem.Activate", &(0, 0));
    }

    /// See [`Tray::click`].
    pub fn scroll(&self, delta: i32) {
        self.bus.call(&self.item(), ITEM_PATH, "org.kde.StatusNotifierItem.Scroll", &(delta, "vertical"));
    }

    pub fn menu(&self) -> Vec<Line> {
        type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
        let path = OwnedObjectPath::try_from(self.get("Menu")).expect("a path");
        let body = (0_i32, -1_i32, Vec::<String>::new());
        let answer = self.bus.call(&self.item(), path.as_str(), "com.canonical.dbusmenu.GetLayout", &body);
        let (_, (_, _, lines)): Layout = answer.body().deserialize().expect("a layout");
        lines.iter().map(line).collect()
    }

    pub fn labels(&self) -> Vec<String> {
        self.menu().into_iter().map(|line| line.label).collect()
    }

    pub fn line(&self, label: &str) -> Option<Line> {
        self.menu().into_iter().find(|line| line.label == label)
    }

    /// Chooses a line, as soon as it is there and not grey.
    pub fn choose_item(&self, label: &str) {
        let path = OwnedObjectPath::try_from(self.get("Menu")).expect("a path");
        let line = wait_for(&format!("{label} in the menu"), || self.line(label).filter(|line| line.enabled));
        let body = (line.id, "clicked", Value::from(0_i32), 0_u32);
        self.bus.call(&self.item(), path.as_str(), "com.canonical.dbusmenu.Event", &body);
    }
}

fn line(value: &OwnedValue) -> Line {
    let structure = value.downcast_ref::<Structure>().expect("a line");
    let [Value::I32(id), Value::Dict(properties), _] = structure.fields() else { panic!("a line is {structure:?}") };
    let text = |name: &str| properties.get::<&str, String>(&name).ok().flatten();
    let toggled = properties.get::<&str, i32>(&"toggle-state").ok().flatten();
    Line {
        id: *id,
        label: text("label").unwrap_or_default(),
        enabled: properties.get::<&str, bool>(&"enabled").ok().flatten().unwrap_or(true),
        checked: text("toggle-type").map(|_| toggled == Some(1)),
    }
}
