//! A minimal W3C WebDriver client for a browser or the app's own window.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::wait_for;

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A WebDriver session.
pub struct Page {
    port: u16,
    session: String,
}

impl Page {
    /// Opens a session; retries while the driver starts.
    pub fn open(port: u16, capabilities: Value) -> Self {
        let answer = wait_for("a WebDriver session", || {
            request(port, "POST", "/session", &json!({ "capabilities": { "alwaysMatch": capabilities } })).ok()
        });
        Page { port, session: answer["sessionId"].as_str().expect("a session").to_owned() }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        request(self.port, method, &format!("/session/{}/{path}", self.session), body)
    }

    pub fn go_to(&self, url: &str) {
        self.call("POST", "url", &json!({ "url": url })).expect("goes there");
    }

    /// Sets the size of Chromium's viewport, independent of its window.
    pub fn set_size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Emulates a media feature in Chromium, such as `prefers-contrast: more`.
    pub fn emulate_media_feature(&self, feature: &str, value: &str) {
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [{"name": feature, "value": value}]}));
    }

    /// Sends Chromium a DevTools command.
    pub fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        self.call("POST", "goog/cdp/execute", &body).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Returns a Chromium metric after garbage collection: `Nodes`, `JSEventListeners`, `JSHeapUsedSize` in bytes.
    pub fn metric_after_gc(&self, metric: &str) -> f64 {
        self.devtools("Performance.enable", json!({}));
        self.devtools("HeapProfiler.collectGarbage", json!({}));
        let told = self.devtools("Performance.getMetrics", json!({}));
        let metrics = told["metrics"].as_array().expect("metrics");
        metrics.iter().find(|held| held["name"] == metric).and_then(|held| held["value"].as_f64()).expect("it is told")
    }

    /// Moves and resizes the window.
    pub fn place(&self, x: i32, y: i32, width: u32, height: u32) {
        let rect = json!({ "x": x, "y": y, "width": width, "height": height });
        self.call("POST", "window/rect", &rect).expect("goes there");
    }

    pub fn reload(&self) {
        self.call("POST", "refresh", &json!({})).expect("reloads");
    }

    /// Runs a script body and returns its value, or `Null` if it fails, for example while the page loads.
    pub fn script(&self, body: &str) -> Value {
        self.call("POST", "execute/sync", &json!({ "script": body, "args": [] })).unwrap_or(Value::Null)
    }

    /// Runs a script that must call `done(value)`, and returns that value.
    pub fn async_script(&self, body: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {body}");
        self.call("POST", "execute/async", &json!({ "script": script, "args": [] })).expect("the script runs")
    }

    /// Waits until the interface shows the state.
    pub fn wait_ready(&self) {
        wait_for("the interface", || {
            (self.script("return document.documentElement.dataset.ready") == "true").then_some(())
        });
    }

    /// The last revision that the interface has applied.
    pub fn rev(&self) -> u64 {
        let rev = self.script("return document.documentElement.dataset.rev");
        rev.as_str().and_then(|rev| rev.parse().ok()).unwrap_or(0)
    }

    pub fn text(&self, test_id: &str) -> String {
        let body = format!("return document.querySelector('[data-testid=\"{test_id}\"]')?.textContent?.trim() ?? ''");
        self.script(&body).as_str().unwrap_or_default().to_owned()
    }

    pub fn attribute(&self, test_id: &str, name: &str) -> String {
        let body =
            format!("return document.querySelector('[data-testid=\"{test_id}\"]')?.getAttribute('{name}') ?? ''");
        self.script(&body).as_str().unwrap_or_default().to_owned()
    }

    pub fn count(&self, css: &str) -> u64 {
        self.script(&format!("return document.querySelectorAll('{css}').length")).as_u64().unwrap_or(0)
    }

    pub fn wait_text(&self, test_id: &str, expected: &str) {
        wait_for(&format!("{test_id} to read {expected:?}"), || (self.text(test_id) == expected).then_some(()));
    }

    fn find(&self, css: &str) -> Value {
        wait_for(&format!("an element {css}"), || {
            let found = self.call("POST", "element", &json!({ "using": "css selector", "value": css })).ok()?;
            Some(json!({ ELEMENT: found[ELEMENT] }))
        })
    }

    pub fn click(&self, css: &str) {
        self.pointer(css, 1);
    }

    pub fn double_click(&self, css: &str) {
        self.pointer(css, 2);
    }

    /// Moves the pointer to an element and clicks `times` times.
    fn pointer(&self, css: &str, times: usize) {
        let mut actions = vec![json!({"type": "pointerMove", "duration": 0, "origin": self.find(css), "x": 0, "y": 0})];
        for _ in 0..times {
            actions.push(json!({"type": "pointerDown", "button": 0}));
            actions.push(json!({"type": "pointerUp", "button": 0}));
        }
        let pointer =
            json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions});
        self.call("POST", "actions", &json!({ "actions": [pointer] })).expect("the pointer acts");
    }

    /// Drags one element onto another with the pointer.
    pub fn drag(&self, from: &str, to: &str) {
        let go = |css: &str| json!({"type": "pointerMove", "duration": 50, "origin": self.find(css), "x": 0, "y": 0});
        let by = json!({"type": "pointerMove", "duration": 50, "origin": "pointer", "x": 12, "y": 12});
        let (down, up) = (json!({"type": "pointerDown", "button": 0}), json!({"type": "pointerUp", "button": 0}));
        let actions = json!([go(from), down, by, go(to), up]);
        let pointer =
            json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions});
        self.call("POST", "actions", &json!({ "actions": [pointer] })).expect("the pointer acts");
    }

    /// Types into the focused element.
    pub fn type_keys(&self, keys: &str) {
        let press = |key: char| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.call("POST", "actions", &json!({ "actions": [keyboard] })).expect("the keys act");
    }

    /// Presses a key while holding others, e.g. `press_keys(&[CONTROL], 'k')`.
    pub fn press_keys(&self, held: &[char], key: char) {
        let down = |key: &char| json!({"type": "keyDown", "value": key});
        let up = |key: &char| json!({"type": "keyUp", "value": key});
        let mut actions: Vec<Value> = held.iter().map(down).collect();
        actions.extend([down(&key), up(&key)]);
        actions.extend(held.iter().rev().map(up));
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.call("POST", "actions", &json!({ "actions": [keyboard] })).expect("the keys act");
    }

    /// Holds a key while `meanwhile` runs.
    pub fn hold(&self, key: &str, meanwhile: impl FnOnce()) {
        let act = |what: &str| {
            let actions = [json!({"type": what, "value": key})];
            let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
            self.call("POST", "actions", &json!({ "actions": [keyboard] })).expect("the key acts");
        };
        act("keyDown");
        meanwhile();
        act("keyUp");
    }

    pub fn screenshot(&self, path: &std::path::Path) {
        self.async_script("requestAnimationFrame(() => requestAnimationFrame(() => done(null)))");
        let picture = self.call("GET", "screenshot", &Value::Null).expect("a picture");
        std::fs::write(path, base64(picture.as_str().expect("text"))).expect("writes the picture");
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.call("DELETE", "", &Value::Null);
    }
}

fn request(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let path = path.trim_end_matches('/');
    let exchange = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(super::TIMEOUT))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        read_response(&mut stream)
    };
    let response = exchange().map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&response).map_err(|error| format!("{error}: {response}"))?;
    match answer["value"]["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
        None => Ok(answer["value"].clone()),
    }
}

/// Drivers may ignore `Connection: close`, so `Content-Length` decides where the body ends.
fn read_response(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut response = Vec::new();
    let mut block = [0; 16_384];
    loop {
        let text = String::from_utf8_lossy(&response);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                return Ok(body.to_owned());
            }
        }
        match stream.read(&mut block)? {
            0 => return Ok(text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()),
            read => response.extend_from_slice(&block[..read]),
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'=' | b'\n')).map(value).collect();
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0u32, |bits, &digit| bits << 6 | u32::from(digit)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}
