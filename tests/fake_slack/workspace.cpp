// Look-up, messages and once-only things of the workspace.
#include "tests/fake_slack/workspace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace esc::fake {

namespace {

template <class Map>
auto* find_in(Map& map, std::string_view id) {
    auto const it = map.find(std::string(id));
    return it == map.end() ? nullptr : &it->second;
}

std::string replace_entities(std::string_view typed) {
    std::string out;
    for (char const c : typed) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.'; }

}  // namespace

Workspace::Workspace() { seed(); }

Person* Workspace::person_by_id(std::string_view id) { return find_in(people, id); }
Channel* Workspace::channel_by_id(std::string_view id) { return find_in(channels, id); }

Person* Workspace::person(std::string_view id_or_handle) {
    if (auto* found = person_by_id(id_or_handle)) return found;
    if (id_or_handle.starts_with('@')) id_or_handle.remove_prefix(1);
    if (id_or_handle == "bot") return person_by_id(bot_user);
    for (auto& [id, person] : people)
        if (person.handle == id_or_handle) return &person;
    return nullptr;
}

Channel* Workspace::channel(std::string_view id_or_name) {
    if (auto* found = channel_by_id(id_or_name)) return found;
    if (id_or_name.starts_with('#')) id_or_name.remove_prefix(1);
    for (auto& [id, channel] : channels)
        if (!channel.is_im() && channel.name == id_or_name) return &channel;
    return nullptr;
}

std::string Workspace::give_another_id(Channel& channel) {
    auto node = channels.extract(channel.id);
    auto before = std::exchange(channel.id, random_id("C", 10));
    node.key() = channel.id;
    channels.insert(std::move(node));
    return before;
}

Channel& Workspace::dm_with(Person const& person) {
    for (auto& [id, channel] : channels)
        if (channel.im_user == person.id) return channel;
    auto id = random_id("D", 10);
    Channel channel;
    channel.id = id;
    channel.im_user = person.id;
    channel.is_private = true;
    channel.members = {person.id, std::string(bot_user)};
    return channels.emplace(id, std::move(channel)).first->second;
}

View* Workspace::view_by_id(std::string_view id, Person** owner) {
    for (auto& [person_id, person] : people) {
        if (owner != nullptr) *owner = &person;
        for (auto& view : person.modals)
            if (view.id == id) return &view;
        if (person.home && person.home->id == id) return &*person.home;
    }
    return nullptr;
}

View* Workspace::view_by_external_id(std::string_view external_id, Person** owner) {
    if (external_id.empty()) return nullptr;
    for (auto& [person_id, person] : people) {
        if (owner != nullptr) *owner = &person;
        for (auto& view : person.modals)
            if (text_of(view.definition, "external_id") == external_id) return &view;
        if (person.home && text_of(person.home->definition, "external_id") == external_id) return &*person.home;
    }
    return nullptr;
}

std::string Workspace::next_ts(Channel& channel, Instant now) {
    channel.last_ts_us = std::max(channel.last_ts_us + 1, to_us(now));
    return fmt::format("{}.{:06}", channel.last_ts_us / 1'000'000, channel.last_ts_us % 1'000'000);
}

Message& Workspace::post(Channel& channel, Message message, Instant now) {
    message.ts = next_ts(channel, now);
    fill_in_ids(*this, message.blocks);
    auto ts = message.ts;
    return channel.messages.emplace(std::move(ts), std::move(message)).first->second;
}

std::vector<Message const*> Workspace::replies(Channel const& channel, std::string const& parent_ts) const {
    std::vector<Message const*> out;
    for (auto const& [ts, message] : channel.messages)
        if (message.thread_ts == parent_ts) out.push_back(&message);
    return out;
}

void Workspace::remove(Channel& channel, std::string const& ts) {
    auto const it = channel.messages.find(ts);
    if (it == channel.messages.end()) return;
    if (replies(channel, ts).empty()) {
        channel.messages.erase(it);
        return;
    }
    Message stone;
    stone.ts = ts;
    stone.user = "USLACKBOT";
    stone.subtype = "tombstone";
    stone.text = "This message was deleted.";
    it->second = std::move(stone);
}

std::string Workspace::permalink(Channel const& channel, Message const& message) const {
    auto compact = message.ts;
    std::erase(compact, '.');
    auto link = fmt::format("{}archives/{}/p{}", team_url, channel.id, compact);
    if (!message.thread_ts.empty()) link += fmt::format("?thread_ts={}&cid={}", message.thread_ts, channel.id);
    return link;
}

std::string Workspace::stored_text(std::string_view typed) const {
    return with_references(replace_entities(typed), Escaping::message);
}

std::string Workspace::escaped_command_text(std::string_view typed) const {
    return with_references(replace_entities(typed), Escaping::command);
}

std::string Workspace::with_references(std::string const& escaped, Escaping escaping) const {
    std::string out;
    bool const named = escaping == Escaping::command;
    auto* self = const_cast<Workspace*>(this);  // look-ups only; the non-const overloads serve callers that change things
    for (std::size_t i = 0; i < escaped.size();) {
        bool const word_start = i == 0 || std::isalnum(static_cast<unsigned char>(escaped[i - 1])) == 0;
        char const c = escaped[i];
        if (word_start && (c == '@' || c == '#')) {
            auto end = i + 1;
            while (end < escaped.size() && is_name_character(escaped[end])) ++end;
            while (end > i + 1 && escaped[end - 1] == '.') --end;
            auto const name = std::string_view(escaped).substr(i + 1, end - i - 1);
            std::string reference;
            if (c == '@' && (name == "here" || name == "channel" || name == "everyone")) {
                reference = fmt::format("<!{}>", name);
            } else if (c == '@') {
                if (auto const* found = self->person(name))
                    reference = named ? fmt::format("<@{}|{}>", found->id, found->handle) : fmt::format("<@{}>", found->id);
            } else if (auto const* found = self->channel(name)) {
                reference = fmt::format("<#{}|{}>", found->id, found->is_private ? std::string() : found->name);
            }
            if (!reference.empty()) {
                out += reference;
                i = end;
                continue;
            }
        }
        auto const rest = std::string_view(escaped).substr(i);
        if (!named && word_start && (rest.starts_with("https://") || rest.starts_with("http://"))) {
            auto const end = std::min(rest.find_first_of(" \t\n"), rest.size());
            out += fmt::format("<{}>", rest.substr(0, end));
            i += end;
            continue;
        }
        out += c;
        ++i;
    }
    return out;
}

View Workspace::make_view(json::object definition) {
    View view;
    view.id = random_id("V", 10);
    view.root_id = view.id;
    touch(view, std::move(definition));
    return view;
}

void Workspace::touch(View& view, json::object definition) {
    if (auto* blocks = definition.if_contains("blocks"); blocks != nullptr && blocks->is_array())
        fill_in_ids(*this, blocks->get_array());
    view.definition = std::move(definition);
    view.hash = random_id("", 16);
}

std::string Workspace::make_trigger(std::string const& user, Instant now, bool from_view) {
    constexpr std::size_t kept = 1000;  // far more than can be alive within 3 s of any test
    if (triggers_.size() >= kept)
        std::erase_if(triggers_, [&](auto const& entry) { return now - entry.second.made > 100 * trigger_life; });
    auto id = fmt::format("{}.{}.{}", to_us(now) % 10'000'000'000, triggers_.size() + 1000, random_id("", 32));
    triggers_[id] = Trigger{.user = user, .made = now, .used = false, .from_view = from_view};
    return id;
}

std::optional<Trigger> Workspace::use_trigger(std::string const& id, Instant now, std::string& error) {
    auto const it = triggers_.find(id);
    if (it == triggers_.end()) {
        error = "invalid_trigger_id";
        return std::nullopt;
    }
    if (it->second.used) {
        error = "exchanged_trigger_id";
        return std::nullopt;
    }
    if (now - it->second.made > trigger_life) {
        error = "expired_trigger_id";
        return std::nullopt;
    }
    it->second.used = true;
    return it->second;
}

std::string Workspace::make_ticket() {
    auto ticket = random_id("", 24);
    tickets_.insert(ticket);
    return ticket;
}

bool Workspace::use_ticket(std::string const& ticket) { return tickets_.erase(ticket) == 1; }

std::string Workspace::make_response_url(ResponseUrl target) {
    auto path = fmt::format("/{}/{}/{}/{}", target.message_ts.empty() ? "commands" : "actions", team_id,
                            7'000'000'000'000 + response_urls_.size(), random_id("", 24));
    response_urls_[path] = std::move(target);
    return path;
}

std::optional<ResponseUrl> Workspace::use_response_url(std::string const& path, Instant now, std::string& error) {
    auto const it = response_urls_.find(path);
    if (it == response_urls_.end()) {
        error = "invalid_url";
        return std::nullopt;
    }
    if (now - it->second.made > response_url_life) {
        error = "expired_url";
        return std::nullopt;
    }
    if (it->second.uses >= response_url_uses) {
        error = "used_url";
        return std::nullopt;
    }
    ++it->second.uses;
    return it->second;
}

std::string Workspace::random_id(std::string_view prefix, std::size_t length) {
    constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    std::string out(prefix);
    for (std::size_t i = 0; i < length; ++i) out += alphabet[random_() % alphabet.size()];
    return out;
}

namespace {

void fill_in_element(Workspace& workspace, json::object& element) {
    auto const type = text_of(element, "type");
    if (type != "image" && type != "mrkdwn" && type != "plain_text" && !element.contains("action_id"))
        element["action_id"] = workspace.random_id("", 5);
    if (auto* text = element.if_contains("text"); text != nullptr && text->is_object() && !text->get_object().contains("emoji"))
        text->get_object()["emoji"] = true;
}

}  // namespace

void fill_in_ids(Workspace& workspace, json::array& blocks) {
    for (auto& item : blocks) {
        if (!item.is_object()) continue;
        auto& block = item.get_object();
        if (!block.contains("block_id")) block["block_id"] = workspace.random_id("", 5);
        auto const type = text_of(block, "type");
        for (auto const* key : {"accessory", "element"})
            if (auto* element = block.if_contains(key); element != nullptr && element->is_object())
                fill_in_element(workspace, element->get_object());
        if (type != "actions") continue;
        if (auto* elements = block.if_contains("elements"); elements != nullptr && elements->is_array())
            for (auto& element : elements->get_array())
                if (element.is_object()) fill_in_element(workspace, element.get_object());
    }
}

void Workspace::seed() {
    bot_token = "xoxb-4023516072-6114870423-n4fQ0tArEaLtOkEnKx7Zp2Ws";
    app_token = "xapp-1-A06ESCL8B1-6120045511-0f4ken0tarealtoken5d1e9c";
    scopes = {"app_mentions:read", "channels:history", "channels:read", "chat:write",      "commands",
              "groups:history",    "groups:read",      "im:history",    "im:read",         "im:write",
              "reactions:read",    "reactions:write",  "team:read",     "usergroups:read", "users:read"};

    auto add_person = [this](std::string id, std::string handle, std::string real_name) -> Person& {
        Person person;
        person.id = id;
        person.handle = std::move(handle);
        person.real_name = std::move(real_name);
        person.team_id = std::string(team_id);
        return people.emplace(std::move(id), std::move(person)).first->second;
    };
    add_person("U02RLY8M5T", "riley", "Riley Okafor");
    add_person("U07ANA4K2P", "ana", "Ana Petrova");
    add_person("U07BOX1N6D", "bo", "Bo Lindqvist");
    add_person("U05LEA3H9V", "lea", "Lea Moreau").timezone = "Europe/Paris";
    add_person("U01MAX6C4J", "max", "Max Adeyemi").is_admin = true;
    add_person("U0ACR7L2XQ", "carol", "Carol Whitfield").team_id = std::string(other_team_id);
    auto& guest = add_person("U08GST5W1B", "guest", "Gus Tanaka");
    guest.is_guest = guest.is_single_channel_guest = true;
    add_person(std::string(bot_user), "escalations", "Escalations").is_bot = true;

    auto add_channel = [this](std::string id, std::string name, std::vector<std::string_view> handles) -> Channel& {
        Channel channel;
        channel.id = id;
        channel.name = std::move(name);
        for (auto const handle : handles) channel.members.insert(person(handle)->id);
        return channels.emplace(std::move(id), std::move(channel)).first->second;
    };
    add_channel("C03HLP2T7K", "help", {"bot", "riley", "ana", "bo", "lea", "max", "guest"});
    add_channel("C03TRG9W4E", "triage", {"bot", "ana", "bo", "lea", "max"});
    add_channel("C01GEN5R8A", "general", {"bot", "riley", "ana", "bo", "lea", "max"});
    add_channel("C06ACM1S3Y", "acme-shared", {"bot", "riley", "ana", "bo", "lea", "max", "carol"}).is_ext_shared = true;
    add_channel("C05OPS7X2M", "private-ops", {"bot", "ana", "bo", "lea", "max"}).is_private = true;
    add_channel("C02ELS4D6N", "elsewhere", {"riley", "ana", "bo"});

    groups["S05AGT2K9F"] = UserGroup{.id = "S05AGT2K9F", .handle = "agents", .users = {person("ana")->id, person("bo")->id}};
    groups["S05LDS8M1Q"] = UserGroup{.id = "S05LDS8M1Q", .handle = "leads", .users = {person("lea")->id}};
}

}  // namespace esc::fake
