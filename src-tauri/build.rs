//! Hands the capabilities and the configuration to Tauri, for builds with a window.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=ui/dist");
    if !std::path::Path::new("ui/dist/index.html").exists() {
        return Err(
            "ui/dist is missing: build the interface first (npm --prefix ui ci && npm --prefix ui run build)".into()
        );
    }
    #[cfg(feature = "desktop")]
    {
        println!("cargo:rerun-if-changed=src-tauri/capabilities");
        let attributes = tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
        tauri_build::try_build(attributes)?;
    }
    Ok(())
}
