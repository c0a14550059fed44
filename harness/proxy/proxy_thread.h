// A proxy whose loop runs by itself, on a thread of its own.
#pragma once

#include "harness/proxy/proxy.h"

#include <atomic>
#include <thread>

namespace gauntlet::proxy {

/// Pumps `proxy` until its own end; nobody else may meanwhile. The proxy outlives it.
class ProxyThread {
 public:
  explicit ProxyThread(Proxy& proxy) : proxy_(proxy), thread_([this] { run(); }) {}
  ~ProxyThread() {
    ending_ = true;
    proxy_.wake();
    thread_.join();
  }
  ProxyThread(const ProxyThread&) = delete;
  ProxyThread& operator=(const ProxyThread&) = delete;

 private:
  void run() {
    while (!ending_) proxy_.pump(std::chrono::minutes(1));
  }

  Proxy& proxy_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace gauntlet::proxy
