// prometheus-cpp's core (atomic counters, text format) behind plain handles. Its HTTP part is not used: /metrics is served
// by our own listener.
#include "bot/base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace esc {

// A handle that was never resolved counts nothing, so parts can run in tests without metrics.
void Counter::add(double by) const {
    if (handle_ != nullptr) static_cast<prometheus::Counter*>(handle_)->Increment(by);
}
void Gauge::set(double to) const {
    if (handle_ != nullptr) static_cast<prometheus::Gauge*>(handle_)->Set(to);
}
void Gauge::add(double by) const {
    if (handle_ != nullptr) static_cast<prometheus::Gauge*>(handle_)->Increment(by);
}
void Histogram::observe(double value) const {
    if (handle_ != nullptr) static_cast<prometheus::Histogram*>(handle_)->Observe(value);
}

struct Metrics::Impl {
    prometheus::Registry registry{};  // asking for a family or a child twice gives the first one
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string const& name, std::string const& help, Labels const& labels) {
    Counter result;
    result.handle_ = &prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry).Add(labels);
    return result;
}

Gauge Metrics::gauge(std::string const& name, std::string const& help, Labels const& labels) {
    Gauge result;
    result.handle_ = &prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry).Add(labels);
    return result;
}

Histogram Metrics::histogram(std::string const& name, std::string const& help, std::vector<double> const& upper_bounds,
                             Labels const& labels) {
    Histogram result;
    result.handle_ = &prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry).Add(labels, upper_bounds);
    return result;
}

std::string Metrics::expose() const { return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect()); }

}  // namespace esc
