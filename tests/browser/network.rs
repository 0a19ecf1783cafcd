//! What the page requests from the network, and what its content security policy blocks.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::views::{VIEWS, go, start_with_sample_data};

#[test]
fn page_loads_nothing_from_other_hosts() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    for (_, route) in VIEWS {
        go(page, route);
    }
    let asked = page.script("return performance.getEntriesByType('resource').map(entry => new URL(entry.name).host)");
    let hosts = asked.as_array().expect("a list").clone();
    assert!(!hosts.is_empty() && hosts.iter().all(|host| *host == app.address.as_str()), "{hosts:?}");
    let inline = page.script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = true'; \
         document.body.append(script); document.body.setAttribute('style', 'outline: 1px solid'); \
         return [window.ran ?? false, document.body.style.outline]",
    );
    assert_eq!(inline, json!([false, ""]), "nothing inline runs, and nothing inline is styled");
    let blocked = page.async_script(
        "const image = new Image(); image.onerror = () => done('blocked'); image.onload = () => done('loaded'); \
         document.addEventListener('securitypolicyviolation', () => done('blocked')); \
         image.src = 'http://127.0.0.1:9/picture.png';",
    );
    assert_eq!(blocked, "blocked");
}
