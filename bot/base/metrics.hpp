// Counters, gauges and histograms, exposed as Prometheus text. Children with labels are resolved once at start, since a
// label look-up costs ten times an increment. Safe to use from every thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace esc {

class Counter {
public:
    void add(double by = 1) const;

private:
    friend class Metrics;
    void* handle_ = nullptr;
};
class Gauge {
public:
    void set(double to) const;
    void add(double by) const;

private:
    friend class Metrics;
    void* handle_ = nullptr;
};
class Histogram {
public:
    void observe(double value) const;

private:
    friend class Metrics;
    void* handle_ = nullptr;
};

class Metrics {
public:
    using Labels = std::map<std::string, std::string>;
    Metrics();
    ~Metrics();
    Metrics(Metrics const&) = delete;
    Metrics& operator=(Metrics const&) = delete;

    // Handles stay valid as long as this object. The same name and labels give the same child.
    Counter counter(std::string const& name, std::string const& help, Labels const& labels = {});
    Gauge gauge(std::string const& name, std::string const& help, Labels const& labels = {});
    Histogram histogram(std::string const& name, std::string const& help, std::vector<double> const& upper_bounds,
                        Labels const& labels = {});
    [[nodiscard]] std::string expose() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc
